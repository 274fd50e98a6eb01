import { cameraSettingsSchema } from '../../src/shared/domain/camera.ts';
import { call } from '../fixtures/calls.ts';
import { furnish } from '../fixtures/furnish.ts';
import { useLongWords } from '../fixtures/long-words.ts';
import { expect, test } from '../fixtures/test.ts';
import { misplacedTexts } from '../fixtures/text-places.ts';

const views = ['live', 'cameras', 'jobs', 'reports', 'review', 'playback'] as const;
const sections = ['lanes', 'planner', 'self-check', 'load-test', 'device'] as const;

test('texts that are a third longer have their place in every view', async ({ openApp, dataDir }) => {
  const app = await openApp();
  const { page } = app;
  await expect(page.getByTestId('start-demo-camera')).toBeEnabled();
  await useLongWords(page);
  const check = async (what: string): Promise<void> => {
    expect(await misplacedTexts(page), what).toEqual([]);
    const beside = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(beside, `${what}, beside the window`).toBeLessThanOrEqual(0);
  };
  await check('first run');

  await furnish(page, dataDir);
  // Nobody listens there: its state says so at length.
  const gone = { name: 'Gate', url: 'rtsp://127.0.0.1:1/gate', group: 'North' };
  await call(page, 'cameras.add', cameraSettingsSchema.parse(gone));
  const camera = page.getByTestId('tile').and(page.locator('[data-camera="Gate"]'));
  await page.getByTestId('nav-live').click();
  await expect(camera).toHaveAttribute('data-state', 'offline', { timeout: 60_000 });

  for (const view of views) {
    await test.step(view, async () => {
      await page.getByTestId(`nav-${view}`).click();
      if (view === 'cameras') await page.getByTestId('camera').first().getByRole('checkbox').check();
      if (view === 'jobs') {
        const [job] = (await call(page, 'app.overview', undefined)).jobs;
        await page.evaluate((id) => (location.hash = `#/jobs/${id}`), job?.id ?? '');
        await expect(page.getByTestId('failures')).toBeVisible();
      }
      if (view === 'reports') await expect(page.getByTestId('past-reports')).toBeVisible();
      if (view === 'review') await page.getByTestId('result').first().click();
      await check(view);
    });
  }

  await page.getByTestId('nav-system').click();
  for (const section of sections) {
    await test.step(`system, ${section}`, async () => {
      await page.getByTestId(`section-${section}`).click();
      await expect(page.getByTestId('section')).toHaveAttribute('data-section', section);
      if (section === 'planner') await page.getByTestId('advise').click();
      if (section === 'planner') await expect(page.getByTestId('advice')).toBeVisible();
      if (section === 'self-check') await expect(page.getByTestId('finding').first()).toBeVisible();
      await check(section);
    });
  }

  for (const [view, key, ready] of [
    ['cameras', 'n', 'camera-name'],
    ['jobs', 'n', 'scan-path'],
  ] as const) {
    await test.step(`the dialog of ${view}`, async () => {
      await page.getByTestId(`nav-${view}`).click();
      await expect(page.getByTestId(`nav-${view}`)).toHaveAttribute('aria-current', 'page');
      await page.keyboard.press(key);
      await expect(page.getByTestId(ready)).toBeVisible();
      await check(`the dialog of ${view}`);
      await page.keyboard.press('Escape');
      await expect(page.getByRole('dialog')).toBeHidden();
    });
  }
  await app.close();
});
