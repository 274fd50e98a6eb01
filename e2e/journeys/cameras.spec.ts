import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Page } from 'playwright/test';
import { call } from '../fixtures/calls.ts';
import { drawnCamera } from '../fixtures/drawn-camera.ts';
import { boxedAreas } from '../fixtures/canvas.ts';
import { yardClip } from '../fixtures/footage.ts';
import { takeScreens } from '../fixtures/screens.ts';
import { expect, test } from '../fixtures/test.ts';
import { watchAttribute } from '../fixtures/watch-attribute.ts';

const tile = (page: Page, name: string) => page.getByTestId('tile').and(page.locator(`[data-camera="${name}"]`));

async function addCamera(page: Page, name: string, url: string): Promise<void> {
  await page.getByTestId('nav-cameras').click();
  await page.getByTestId('add-camera').click();
  const dialog = page.getByRole('dialog', { name: 'Add a camera' });
  await dialog.getByTestId('camera-name').fill(name);
  await dialog.getByTestId('camera-url').fill(url);
  await dialog.getByTestId('camera-save').click();
}

test.describe('an address that cannot be one', () => {
  // Chromium itself notes every answer of 400 and above; that the call is refused is what this is about.
  test.use({ allowedMessages: [/Failed to load resource: .* 400 .*\/api\/cameras\.add/] });

  test('is refused in words, and an offline camera says why and when it is tried again', async ({
    openApp,
    dataDir,
  }) => {
    const app = await openApp();
    const { page } = app;

    await test.step('a scheme that no camera has', async () => {
      await addCamera(page, 'Gate', 'ftp://192.0.2.1/gate');
      const dialog = page.getByRole('dialog', { name: 'Add a camera' });
      await expect(dialog.getByRole('alert')).toContainText('Cameras cannot be opened by "ftp:"');
      await expect(dialog.getByRole('alert')).toContainText('rtsp://');
      await page.keyboard.press('Escape');
      await expect(dialog).toBeHidden();
      expect((await call(page, 'app.overview', undefined)).cameras).toEqual([]);
    });

    const clip = join(dataDir, 'gate.mp4');
    await test.step('a file that is not there', async () => {
      await addCamera(page, 'Gate', pathToFileURL(clip).href);
      const row = page.getByTestId('camera');
      await expect(row).toHaveAttribute('data-state', 'offline', { timeout: 60_000 });
      await page.getByTestId('nav-live').click();
      await expect(tile(page, 'Gate')).toContainText(/Offline since \d\d:\d\d/);
      await expect(tile(page, 'Gate')).toContainText('The file is not there.');
      await expect(tile(page, 'Gate')).toContainText(/trying again in \d+ s/);
      await expect(page.getByTestId('status-live')).toContainText('0/1 live');
      await expect(page.getByTestId('notices')).toContainText('Gate is offline');
      await takeScreens(page, 'live-offline');
    });

    await test.step('it comes live by itself once the file is there, and its notice is over', async () => {
      await copyFile(yardClip, clip);
      await expect(tile(page, 'Gate')).toHaveAttribute('data-state', 'live', { timeout: 60_000 });
      await expect(page.getByTestId('notices')).toBeHidden();
    });

    await test.step('removed it stays for ten seconds, in case it was a mistake', async () => {
      await page.getByTestId('nav-cameras').click();
      await page.getByRole('button', { name: 'Remove Gate' }).click();
      await expect(page.getByTestId('camera')).toContainText(/Removed in \d+ s/);
      await page.getByTestId('camera').getByRole('button', { name: 'Undo' }).click();
      await expect(page.getByTestId('camera')).toHaveAttribute('data-state', 'live');
    });
    await app.close();
  });
});

test('boxes lie where the drawn camera drew, on the picture of their own frame; a killed engine comes back', async ({
  openApp,
}) => {
  const app = await openApp();
  const { page } = app;
  await call(page, 'cameras.add', drawnCamera('test:?width=640&height=480&fps=4&rectangles=2&seed=7', 4));
  const drawn = tile(page, 'Drawn');

  await test.step('both rectangles are boxed, picture after picture', async () => {
    await expect(drawn).toHaveAttribute('data-state', 'live', { timeout: 60_000 });
    await expect(drawn).toHaveAttribute('data-boxes', '2', { timeout: 30_000 });
    const canvas = drawn.locator('canvas');
    const seen = new Set<string>();
    await expect
      .poll(
        async () => {
          const { red, green } = await boxedAreas(canvas, 8);
          if (red === null || green === null) return 'no rectangle';
          const worst = Math.min(...red.boxed, ...green.boxed);
          if (worst < 0.9) return `a side is boxed along ${String(worst)} of its length`;
          seen.add(`${String(red.x)},${String(red.y)} ${String(green.x)},${String(green.y)}`);
          return seen.size < 4 ? `${String(seen.size)} pictures` : 'boxed';
        },
        { intervals: [50], timeout: 30_000 },
      )
      .toBe('boxed');
  });

  await test.step('the tile says that the engine is gone, and then it is live again without anybody', async () => {
    const before = (await call(page, 'system.status', undefined)).engine;
    const states = await watchAttribute(drawn, 'data-state');
    process.kill(before.pid ?? 0, 'SIGKILL');
    await expect.poll(async () => (await states()).map(({ value }) => value)).toContain('offline');
    await expect(drawn).toHaveAttribute('data-state', 'live', { timeout: 60_000 });
    const away = (await states()).find(({ value }) => value === 'offline');
    expect(away?.text).toMatch(/Offline since \d\d:\d\d.*engine/i);
    await expect(drawn).toHaveAttribute('data-boxes', '2', { timeout: 30_000 });

    const { engine } = await call(page, 'system.status', undefined);
    expect(engine.state).toBe('ready');
    expect(engine.pid).not.toBe(before.pid);
    expect(engine.restarts).toBe(before.restarts + 1);
  });

  await test.step('one notice tells it, no more', async () => {
    const notices = await call(page, 'notices.list', undefined);
    expect(notices.map(({ topic }) => topic)).toEqual(['engine-lost']);
    await page.getByTestId('nav-system').click();
    await page.getByTestId('section-device').click();
    await expect(page.getByTestId('engine')).toContainText(/Restarts\s*1/);
    const { statuses } = await call(page, 'app.overview', undefined);
    const { captured = 0, analysed = 0, waiting = 0, dropped = {} } = statuses[0] ?? {};
    const droppedAll = Object.values(dropped).reduce((sum, n) => sum + n, 0);
    expect(captured - analysed - droppedAll, 'frames unaccounted for').toBe(waiting);
  });
  await app.close();
});
