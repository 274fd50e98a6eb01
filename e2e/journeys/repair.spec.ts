import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Page } from 'playwright/test';
import { cameraSettingsSchema } from '../../src/shared/domain/camera.ts';
import { call } from '../fixtures/calls.ts';
import { choose } from '../fixtures/choose.ts';
import { drawFilm } from '../fixtures/film.ts';
import { expect, test } from '../fixtures/test.ts';

const status = async (page: Page) => (await call(page, 'app.overview', undefined)).statuses[0];

/** Stops the engine until the newest result is so old: what was due meanwhile comes all at once, and too late. */
async function stall(page: Page, ageMs: number): Promise<void> {
  const { pid } = (await call(page, 'system.status', undefined)).engine;
  if (pid === null) throw new Error('the engine is not running');
  process.kill(pid, 'SIGSTOP');
  try {
    await expect.poll(async () => (await status(page))?.freshnessMs ?? 0, { intervals: [50] }).toBeGreaterThan(ageMs);
  } finally {
    process.kill(pid, 'SIGCONT');
  }
}

test('frames that a recorded camera shed are repaired from its footage: Jobs says so, and the report', async ({
  openApp,
  dataDir,
}) => {
  const film = join(dataDir, 'film.mp4');
  drawFilm(film, { width: 320, height: 240 });
  const app = await openApp();
  const { page } = app;
  const url = pathToFileURL(film).href;
  const recorded = { recording: 'continuous', modelId: 'tiny-colour', analysisFps: 8, sloMs: 200 };
  const { id } = await call(page, 'cameras.add', cameraSettingsSchema.parse({ name: 'Yard', url, ...recorded }));

  await test.step('frames that come too late are given up', async () => {
    const range = { cameraId: id, fromMs: 0, toMs: Date.now() + 3_600_000 };
    const footage = async () => (await call(page, 'recordings.coverage', range)).segments.length;
    await expect.poll(footage, { timeout: 60_000 }).toBeGreaterThan(0);
    await expect.poll(async () => (await status(page))?.analysed ?? 0).toBeGreaterThan(0);
    // Where it took more than 2 s, the film's clock began anew and nothing was late: then once more.
    await expect(async () => {
      await stall(page, 1_200);
      const shed = async () => Object.values((await status(page))?.dropped ?? {}).reduce((sum, n) => sum + n, 0);
      await expect.poll(shed, { timeout: 2_000 }).toBeGreaterThan(0);
    }).toPass({ timeout: 60_000 });
  });

  await test.step('their repair is a job, which waits for the footage and then makes the record whole', async () => {
    await page.getByTestId('nav-jobs').click();
    const row = page.getByTestId('job').filter({ hasText: 'Repair of Yard' });
    await expect(row).toHaveAttribute('data-state', 'queued');
    await expect(row).toContainText('Waits until the footage of these frames is closed');
    await call(page, 'cameras.update', { id, settings: { recording: 'off' } });
    await expect(row).toHaveAttribute('data-state', 'done', { timeout: 60_000 });
    await expect(row.getByTestId('job-repair')).toHaveText(/^(\d+) of \1 frames? repaired$/);
  });

  await test.step('the report of a stretch of time, typed as people do, says it', async () => {
    await page.getByTestId('nav-reports').click();
    await choose(page, 'What', 'Yard');
    await choose(page, 'Period', 'From … to …');
    const from = page.getByTestId('report-from');
    await from.fill('half past two');
    await from.press('Enter');
    await expect(from).toHaveAttribute('aria-invalid', 'true');
    await expect(page.getByTestId('report-from-note')).toContainText('02:14 or 02:14:30 (24 hours)');
    await from.fill('-10m');
    await expect(page.getByTestId('report-from-note')).toContainText('Means');
    await from.press('Enter');
    await expect(from).toHaveValue(/^\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)?$/);
    await expect(page.getByTestId('report-from-note')).toBeHidden();
    await expect(page.getByTestId('report-shed')).toHaveText(/^\d+ frames? not analysed live: \d+ repaired/);
  });
  await app.close();
});
