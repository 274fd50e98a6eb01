import { seriousFindings } from '../fixtures/axe.ts';
import { furnish } from '../fixtures/furnish.ts';
import { expect, test } from '../fixtures/test.ts';

const views = ['live', 'playback', 'review', 'jobs', 'reports', 'cameras', 'system'] as const;
const systemSections = ['lanes', 'planner', 'self-check', 'load-test', 'device'] as const;

test('every view and dialog, in both themes, is open to everybody', async ({ openApp, dataDir }) => {
  const app = await openApp();
  const { page } = app;
  const check = async (what: string): Promise<void> => {
    for (const theme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme: theme });
      await expect(page.locator(`html[data-theme="${theme}"]`)).toBeAttached();
      expect(await seriousFindings(page), `${what}, ${theme}`).toEqual([]);
    }
  };
  await expect(page.getByTestId('start-demo-camera')).toBeEnabled();
  await test.step('dark until another theme is chosen', async () => {
    await page.emulateMedia({ colorScheme: 'light' });
    await expect(page.locator('html[data-theme="dark"]')).toBeAttached();
    await page.keyboard.press('Control+k');
    await page.keyboard.type('as the system');
    await page.keyboard.press('Enter');
    await expect(page.locator('html[data-theme="light"]')).toBeAttached();
  });
  await check('first run');

  await furnish(page, dataDir);
  await expect(page.getByTestId('tile')).toHaveAttribute('data-state', 'live', { timeout: 60_000 });
  for (const view of views) {
    if (view === 'system') continue; // its parts follow
    await test.step(view, async () => {
      await page.getByTestId(`nav-${view}`).click();
      if (view === 'review') await page.getByTestId('result').first().click();
      if (view === 'jobs') await page.getByRole('button', { name: 'Details of Back yard' }).click();
      if (view === 'jobs') await expect(page.getByTestId('failures')).toBeVisible();
      if (view === 'reports') await expect(page.getByTestId('preview')).toBeVisible();
      await check(view);
    });
  }

  await page.getByTestId('nav-system').click();
  for (const [index, section] of systemSections.entries()) {
    await test.step(`system, ${section}`, async () => {
      await page.keyboard.press(String(index + 1));
      await expect(page.getByTestId(`section-${section}`)).toHaveAttribute('aria-current', 'page');
      await expect(page.getByTestId('section')).toHaveAttribute('data-section', section);
      if (section === 'lanes') await page.getByText('The newest calls as a table').click();
      if (section === 'planner') await page.getByTestId('advise').click();
      if (section === 'planner') await expect(page.getByTestId('advice')).toBeVisible();
      if (section === 'self-check') await expect(page.getByTestId('finding').first()).toBeVisible();
      await check(section);
    });
  }

  await test.step('Add a camera', async () => {
    await page.getByTestId('nav-cameras').click();
    await expect(page.getByTestId('add-camera')).toBeVisible();
    await page.keyboard.press('n');
    const dialog = page.getByRole('dialog', { name: 'Add a camera' });
    await expect(dialog).toBeVisible();
    for (const way of ['address', 'list'] as const) {
      await dialog.getByTestId(`way-${way}`).click();
      await check(`Add a camera, ${way}`);
    }
    await page.keyboard.press('Escape');
    await expect(dialog).toBeHidden();
  });

  await page.getByTestId('nav-jobs').click();
  await expect(page.getByRole('button', { name: 'New scan' })).toBeVisible();
  for (const [keys, dialog] of [
    ['n', 'New scan'],
    ['?', 'Keyboard shortcuts'],
    ['Control+k', 'Commands'],
  ] as const) {
    await test.step(dialog, async () => {
      await page.keyboard.press(keys);
      await expect(page.getByRole('dialog', { name: dialog })).toBeVisible();
      await check(dialog);
      await page.keyboard.press('Escape');
      await expect(page.getByRole('dialog')).toBeHidden();
    });
  }
  await app.close();
});

test('everything can be reached without a mouse', async ({ openApp }) => {
  const app = await openApp();
  const { page } = app;
  const isHere = (view: string) => expect(page.getByTestId(`nav-${view}`)).toHaveAttribute('aria-current', 'page');
  await expect(page.getByTestId('start-demo-camera')).toBeEnabled();

  await test.step('the rail, by Tab and Enter', async () => {
    for (const view of views) {
      await page.keyboard.press('Tab');
      await expect(page.getByTestId(`nav-${view}`)).toBeFocused();
    }
    await page.keyboard.press('Enter');
    await isHere('system');
  });

  await test.step('every view, by its keys', async () => {
    for (const [index, view] of views.entries()) {
      await page.keyboard.press(`Alt+${String(index + 1)}`);
      await isHere(view);
    }
    for (const [letter, view] of Object.entries({
      l: 'live',
      r: 'review',
      j: 'jobs',
      p: 'reports',
      c: 'cameras',
      s: 'system',
    })) {
      await page.keyboard.press('g');
      await page.keyboard.press(letter);
      await isHere(view);
    }
  });

  await test.step('? lists the keys, Escape closes the list', async () => {
    await page.keyboard.press('?');
    const list = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
    await expect(list).toContainText('Go to Review');
    await page.keyboard.press('Escape');
    await expect(list).toBeHidden();
  });

  await test.step('Ctrl+K finds a view and an action', async () => {
    await page.keyboard.press('Control+k');
    await page.keyboard.type('repo');
    await page.keyboard.press('Enter');
    await isHere('reports');
    await page.keyboard.press('Control+k');
    await page.keyboard.type('add a cam');
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Add a camera' });
    await expect(dialog.getByTestId('camera-name')).toBeFocused();

    // While typing, letters are letters.
    await page.keyboard.type('Gate? g j');
    await expect(dialog.getByTestId('camera-name')).toHaveValue('Gate? g j');
    await isHere('reports');
    await page.keyboard.press('Escape');
    await expect(dialog).toBeHidden();
  });

  await test.step('a scan is begun from the keyboard', async () => {
    await page.keyboard.press('g');
    await page.keyboard.press('j');
    await page.keyboard.press('n');
    await expect(page.getByTestId('scan-path')).toBeFocused();
    await page.keyboard.press('Escape');
    await expect(page.getByRole('dialog')).toBeHidden();
  });
  await app.close();
});
