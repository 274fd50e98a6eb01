import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { call } from '../fixtures/calls.ts';
import { picturesPerSecond } from '../fixtures/canvas.ts';
import { choose } from '../fixtures/choose.ts';
import { drawFilm } from '../fixtures/film.ts';
import { takeScreens } from '../fixtures/screens.ts';
import { expect, test } from '../fixtures/test.ts';

test('a camera with two streams: what each costs is seen first, the small one is analysed, the large one recorded and enlarged', async ({
  openApp,
  dataDir,
}) => {
  const film = (name: string, size: { width: number; height: number }): string => {
    const path = join(dataDir, `${name}.mp4`);
    drawFilm(path, size);
    return pathToFileURL(path).href;
  };
  const small = film('small', { width: 320, height: 240 });
  const large = film('large', { width: 640, height: 480 });
  const app = await openApp();
  const { page } = app;
  const status = async () => (await call(page, 'app.overview', undefined)).statuses[0];
  const tile = page.getByTestId('tile').and(page.locator('[data-camera="Yard"]'));

  await test.step('a look at both says what each is for, and what it costs', async () => {
    await page.getByTestId('nav-cameras').click();
    await page.getByTestId('add-camera').click();
    const dialog = page.getByRole('dialog', { name: 'Add a camera' });
    await dialog.getByTestId('camera-name').fill('Yard');
    await dialog.getByTestId('camera-url').fill(small);
    await dialog.getByTestId('camera-large-url').fill(large);
    await dialog.getByTestId('camera-look-button').click();
    await expect(dialog.getByTestId('camera-look')).toHaveAttribute('data-state', 'found', { timeout: 60_000 });
    const [first, second] = [dialog.getByTestId('looked-at').first(), dialog.getByTestId('looked-at').last()];
    await expect(first).toContainText(/Analysed, and on the wall.*320 × 240.*% of one processor core/s);
    await expect(second).toContainText(/Recorded, and enlarged.*640 × 480.*% of one processor core/s);
    await expect(dialog.getByTestId('camera-look')).toContainText('Both are used.');
    await takeScreens(page, 'two-streams');
  });

  await test.step('a recorded camera is repaired unless that is switched off', async () => {
    const dialog = page.getByRole('dialog', { name: 'Add a camera' });
    await expect(dialog.getByTestId('camera-repair')).toHaveCount(0);
    await choose(page, 'Recording', 'Always');
    await expect(dialog.getByTestId('camera-repair')).toBeChecked();
    await dialog.getByTestId('camera-save').click();
    await expect(dialog).toBeHidden();
  });

  await test.step('the small one is analysed, the large one is recorded', async () => {
    await page.getByTestId('nav-live').click();
    await expect(tile).toHaveAttribute('data-state', 'live', { timeout: 60_000 });
    await expect
      .poll(status, { timeout: 60_000 })
      .toMatchObject({ width: 320, height: 240, large: { state: 'live', reason: null, width: 640, height: 480 } });
    await expect.poll(async () => (await status())?.analysed ?? 0).toBeGreaterThan(2);
    const cameraId = (await status())?.cameraId ?? '';
    const range = { cameraId, fromMs: 0, toMs: Date.now() };
    await expect.poll(async () => (await call(page, 'recordings.coverage', range)).segments.length).toBeGreaterThan(0);
    expect((await call(page, 'recordings.status', undefined)).cameras[0]).toMatchObject({ smallBecause: null });
  });

  await test.step('enlarged, the large one is shown, or why it is not', async () => {
    await tile.getByRole('button', { name: 'Enlarge Yard' }).dblclick();
    await expect(tile.getByTestId('tile-source')).toHaveText(/^640 × 480 · \d+ fps$|is not decoded by this browser/, {
      timeout: 30_000,
    });
    expect(await picturesPerSecond(tile.locator('canvas'), 8)).toBeGreaterThanOrEqual(4);
    await page.keyboard.press('Escape');
    expect((await status())?.large).toMatchObject({ state: 'live' });
  });
  await app.close();
});
