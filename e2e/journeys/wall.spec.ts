import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Page } from 'playwright/test';
import { cameraSettingsSchema } from '../../src/shared/domain/camera.ts';
import { seriousFindings } from '../fixtures/axe.ts';
import { call } from '../fixtures/calls.ts';
import { boxedAreas, picturesPerSecond } from '../fixtures/canvas.ts';
import { drawFilm } from '../fixtures/film.ts';
import { expect, test } from '../fixtures/test.ts';

const tiles = (page: Page) => page.getByTestId('tile');
const tile = (page: Page, name: string) => tiles(page).and(page.locator(`[data-camera="${name}"]`));
const names = (page: Page) =>
  tiles(page).evaluateAll((all) => all.map((one) => (one as HTMLElement).dataset['camera'] ?? ''));

/** How much may wait in a queue of the host: of those for viewers, as many as are watched. */
async function queueBound(page: Page, queue: string): Promise<number | undefined> {
  const { queues } = await call(page, 'system.status', undefined);
  return queues.find(({ name }) => name === queue)?.bound;
}

async function add(page: Page, name: string, url: string, group: string, analysisFps: number): Promise<void> {
  const camera = { name, url, group, analysisFps, sloMs: 2000, modelId: 'tiny-colour' };
  await call(page, 'cameras.add', cameraSettingsSchema.parse(camera));
}

test('the wall is arranged, turned and kept; the enlarged camera is shown at its own size', async ({
  openApp,
  dataDir,
}) => {
  let app = await openApp();
  let { page } = app;
  const drawn = ['A', 'B', 'C', 'D'];
  for (const name of drawn)
    await add(page, name, `test:?width=320&height=240&fps=5&seed=${name.charCodeAt(0)}`, 'Yard', 1);
  const film = join(dataDir, 'film.mp4');
  drawFilm(film);
  await add(page, 'Film', pathToFileURL(film).href, 'Gate', 8);
  await page.getByTestId('nav-live').click();
  await expect(tile(page, 'Film')).toHaveAttribute('data-state', 'live', { timeout: 60_000 });

  await test.step('pages, and an order of one’s own by the keyboard', async () => {
    await page.getByRole('button', { name: '2 × 2' }).click();
    await expect.poll(() => names(page)).toEqual(drawn);
    await expect(page.getByTestId('wall-page')).toHaveText('1–4 of 5');
    await tile(page, 'A').getByRole('button', { name: 'Enlarge A' }).focus();
    await page.keyboard.press('Shift+ArrowRight');
    await expect.poll(() => names(page)).toEqual(['B', 'A', 'C', 'D']);
    await page.keyboard.press('Shift+ArrowDown');
    await expect.poll(() => names(page)).toEqual(['B', 'C', 'D', 'A']);
    await page.keyboard.press('PageDown');
    await expect.poll(() => names(page)).toEqual(['Film']);
    await page.keyboard.press('PageUp');
  });

  await test.step('an order of one’s own by drag', async () => {
    await tile(page, 'A').dragTo(tile(page, 'B'));
    await expect.poll(() => names(page)).toEqual(['A', 'B', 'C', 'D']);
  });

  await test.step('tiles of another page ask for nothing', async () => {
    await expect(tile(page, 'A')).toHaveAttribute('data-shows', 'previews');
    await expect.poll(() => queueBound(page, 'preview-pictures')).toBe(4);
  });

  await test.step('a group alone', async () => {
    await page.getByLabel(/^Group: /).click();
    await page.getByRole('option', { name: 'Gate', exact: true }).click();
    await expect.poll(() => names(page)).toEqual(['Film']);
  });

  await test.step('double-click enlarges: the camera’s own packets, or the reason why not', async () => {
    await tile(page, 'Film').getByRole('button', { name: 'Enlarge Film' }).dblclick();
    const source = tile(page, 'Film').getByTestId('tile-source');
    await expect(source).toHaveText(/^640 × 480 · \d+ fps$|is not decoded by this browser/, { timeout: 30_000 });
    const decodes = await page.evaluate(
      async () => (await VideoDecoder.isConfigSupported({ codec: 'avc1.64001f' })).supported,
    );
    await expect(tile(page, 'Film')).toHaveAttribute('data-shows', decodes === true ? 'stream' : 'previews');
    expect(await picturesPerSecond(tile(page, 'Film').locator('canvas'), 15)).toBeGreaterThanOrEqual(5);
    // Boxes lie on the frame that they were found in, whoever decoded it; where a frame was dropped, near it.
    const canvas = tile(page, 'Film').locator('canvas');
    // By where its areas are, so that none is looked at twice.
    const pictures = new Map<string, boolean>();
    const lookAtNext = async (): Promise<number> => {
      const { red, green } = await boxedAreas(canvas, 8);
      const picture = [red, green].map((area) => (area === null ? 'none' : `${area.x},${area.y}`)).join(' ');
      const isBoxed = red !== null && green !== null && Math.min(...red.boxed, ...green.boxed) > 0.9;
      if (!pictures.has(picture)) pictures.set(picture, isBoxed);
      return pictures.size;
    };
    await expect.poll(lookAtNext, { intervals: [25], timeout: 30_000 }).toBeGreaterThanOrEqual(16);
    expect([...pictures.values()].filter(Boolean).length, 'of 16 pictures').toBeGreaterThanOrEqual(8);
    expect(await seriousFindings(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await expect.poll(() => queueBound(page, 'viewer-packets')).toBe(0);
  });

  await test.step('a second window has a page of its own', async () => {
    const opened = page.context().waitForEvent('page');
    await page.keyboard.press('w');
    const second = await opened;
    await expect(second.getByTestId('wall')).toBeVisible();
    await expect(second.getByTestId('nav-live')).toHaveCount(0);
    await second.getByRole('button', { name: 'One camera' }).click();
    await expect.poll(() => names(second)).toEqual(['A']);
    await expect.poll(() => names(page)).toEqual(['Film']);
    await second.close();
  });

  await test.step('all of it after a restart', async () => {
    await app.close();
    app = await openApp();
    ({ page } = app);
    await page.getByTestId('nav-live').click();
    await expect.poll(() => names(page)).toEqual(['Film']);
    const wall = await call(page, 'wall.get', undefined);
    expect(wall.screens).toMatchObject({ main: { layout: '4', group: 'Gate' }, '2': { layout: '1', group: null } });
  });
  await app.close();
});
