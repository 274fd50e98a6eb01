import { join } from 'node:path';
import type { Locator, Page } from 'playwright/test';
import { call } from '../fixtures/calls.ts';
import { drawFolder, mendPicture, nightFolder } from '../fixtures/footage.ts';
import { takeScreens } from '../fixtures/screens.ts';
import { expect, test } from '../fixtures/test.ts';
import { watchAttribute } from '../fixtures/watch-attribute.ts';

const job = (page: Page, name: string) => page.getByTestId('job').and(page.locator(`[data-job="${name}"]`));

/** The folder is typed. */
async function openScanDialog(page: Page, folder: string): Promise<Locator> {
  await page.getByTestId('nav-jobs').click();
  await expect(page.getByRole('button', { name: 'New scan' })).toBeVisible();
  await page.keyboard.press('n');
  const dialog = page.getByRole('dialog', { name: 'New scan' });
  await dialog.getByTestId('scan-path').fill(folder);
  return dialog;
}

/** Through the three steps of the dialog; `framesPerSecond` fills the field of the second. */
async function startScan(page: Page, folder: string, name: string, framesPerSecond?: number): Promise<void> {
  const dialog = await openScanDialog(page, folder);
  await dialog.getByRole('button', { name: 'Add', exact: true }).click();
  await expect(dialog.getByRole('button', { name: `Remove ${folder}` })).toBeVisible();
  await dialog.getByRole('button', { name: 'Next' }).click();
  if (framesPerSecond !== undefined) await dialog.getByLabel('Frames a second').fill(String(framesPerSecond));
  await dialog.getByRole('button', { name: 'Next' }).click();
  await dialog.getByTestId('scan-name').fill(name);
  await expect(dialog.getByTestId('estimate')).toContainText(/\d+ (picture|video)s?/);
  await takeScreens(page, 'new-scan');
  await dialog.getByTestId('scan-start').click();
  await expect(dialog).toBeHidden();
}

test('a folder with a torn picture: the rest is looked at, the failure says why, and it can be tried again', async ({
  openApp,
  dataDir,
}) => {
  const folder = join(dataDir, 'pictures');
  const { good, people, broken } = await drawFolder(folder);
  const app = await openApp();
  const { page } = app;
  const row = job(page, 'Back yard');

  await test.step('the dialog starts the scan', async () => {
    await startScan(page, folder, 'Back yard');
    await expect(row).toHaveAttribute('data-state', 'done', { timeout: 60_000 });
  });

  await test.step('what failed is listed with its reason', async () => {
    await expect(row).toContainText(`${String(good)} of ${String(good + 1)} files`);
    await expect(row).toContainText('1 failed');
    const failures = row.getByTestId('failures').locator('tbody tr');
    await expect(failures).toHaveCount(1);
    await expect(failures).toContainText(broken);
    await expect(failures).toContainText('damaged');
    const { jobs } = await call(page, 'app.overview', undefined);
    expect(jobs[0]?.items).toEqual({ total: good + 1, done: good, skipped: 0, failed: 1 });
    expect(jobs[0]?.frames).toBe(good);
    expect(jobs[0]?.detections).toBeGreaterThan(0);
    await takeScreens(page, 'jobs-done');
  });

  await test.step('tried again unchanged it fails again; mended it is done, and nothing else is done twice', async () => {
    const states = await watchAttribute(row, 'data-state');
    const retry = row.getByRole('button', { name: 'Try the failed files again' });
    await retry.click();
    await expect.poll(async () => (await states()).map(({ value }) => value)).toContain('running');
    await expect(row).toHaveAttribute('data-state', 'done', { timeout: 30_000 });
    await expect(row).toContainText('1 failed');

    await mendPicture(folder, broken);
    await retry.click();
    await expect.poll(async () => (await call(page, 'app.overview', undefined)).jobs[0]?.items.failed).toBe(0);
    await expect(row).toHaveAttribute('data-state', 'done', { timeout: 30_000 });
    await expect(row).toContainText('No file failed.');
    const [after] = (await call(page, 'app.overview', undefined)).jobs;
    expect(after?.frames).toBe(good + 1);
    expect(after?.framesThisRun).toBe(1);
  });

  await test.step('the empty pictures hold nothing, the others do', async () => {
    await row.getByRole('button', { name: 'Review what was found' }).click();
    await expect(page.getByTestId('result').first()).toBeVisible();
    const preview = await call(page, 'reports.preview', { jobId: null, cameraId: null, sinceMs: null, untilMs: null });
    const withPeople = new Set(preview.firstRows.map(({ source }) => source));
    expect([...withPeople].filter((source) => source.includes('empty'))).toEqual([]);
    expect(withPeople.size).toBe(people + 1);
  });
  await app.close();
});

test('a scan is paused, resumed, and cancelled with a way back', async ({ openApp }) => {
  const app = await openApp();
  const { page } = app;
  const row = job(page, 'Long night');
  const frames = async (): Promise<number> => (await call(page, 'app.overview', undefined)).jobs[0]?.frames ?? 0;

  await startScan(page, nightFolder, 'Long night', 25);
  await expect.poll(frames, { timeout: 60_000 }).toBeGreaterThan(5);

  await test.step('paused it stands still', async () => {
    await row.getByRole('button', { name: 'Pause' }).click();
    await expect(row).toHaveAttribute('data-state', 'paused');
    await expect(page.getByTestId('status-scan')).toContainText('paused');
    const [, paused] = [await settled(frames), await frames()];
    expect(await settled(frames)).toBe(paused);
  });

  await test.step('resumed it goes on from there', async () => {
    const before = await frames();
    await row.getByRole('button', { name: 'Resume' }).click();
    await expect(row).toHaveAttribute('data-state', 'running');
    await expect.poll(frames, { timeout: 30_000 }).toBeGreaterThan(before);
  });

  await test.step('cancelling stops it at once and can be undone for ten seconds', async () => {
    await row.getByRole('button', { name: 'Cancel scan' }).click();
    await expect(row).toContainText(/Cancelled in \d+ s/);
    await expect(row).toHaveAttribute('data-state', 'paused');
    await row.getByRole('button', { name: 'Undo' }).click();
    await expect(row).toHaveAttribute('data-state', 'running');
  });

  await test.step('not undone it is cancelled, and what it found stays', async () => {
    await row.getByRole('button', { name: 'Cancel scan' }).click();
    await expect(row).toHaveAttribute('data-state', 'cancelled', { timeout: 20_000 });
    const [after] = (await call(page, 'app.overview', undefined)).jobs;
    expect(after?.state).toBe('cancelled');
    expect(after?.frames).toBeGreaterThan(5);
    expect(after?.detections).toBeGreaterThan(0);
  });
  await app.close();
});

test('a scan is kept for later: it says when it runs, is changed, runs by hand, and is removed with a way back', async ({
  openApp,
  dataDir,
}) => {
  const folder = join(dataDir, 'pictures');
  const { good } = await drawFolder(folder);
  const app = await openApp();
  const { page } = app;
  const schedule = page.getByTestId('schedule').and(page.locator('[data-schedule="Shelves"]'));

  await test.step('the dialog of a new scan keeps it', async () => {
    const dialog = await openScanDialog(page, folder);
    await dialog.getByRole('button', { name: 'Next' }).click();
    await dialog.getByRole('button', { name: 'Next' }).click();
    await dialog.getByTestId('scan-name').fill('Shelves');
    await dialog.getByLabel('Start: Now').click();
    await page.getByRole('option', { name: 'On days of the week' }).click();
    await dialog.getByTestId('schedule-zone').fill('Nowhere');
    await dialog.getByTestId('schedule-zone').press('Tab');
    await dialog.getByTestId('scan-start').click();
    await expect(dialog.getByTestId('estimate')).toContainText('no such time zone');
    await dialog.getByTestId('schedule-zone').fill('Asia/Kolkata');
    await dialog.getByTestId('schedule-zone').press('Tab');
    await takeScreens(page, 'new-schedule');
    await dialog.getByTestId('scan-start').click();
    await expect(dialog).toBeHidden();
    await expect(schedule).toContainText('Mon to Fri at 22:00 (Asia/Kolkata)');
    await expect(schedule.getByTestId('schedule-next')).toContainText('22:00 (UTC+05:30), in ');
    await expect(schedule.getByTestId('schedule-last')).toHaveText('It has not run yet.');
  });

  await test.step('its hours are changed, and it says so', async () => {
    await schedule.getByRole('button', { name: 'Change Shelves' }).click();
    const dialog = page.getByRole('dialog', { name: 'Schedule: Shelves' });
    await dialog.getByRole('button', { name: 'Add hours' }).first().click();
    await dialog.getByTestId('schedule-save').click();
    await expect(dialog).toBeHidden();
    await expect(schedule).toContainText('Runs every day 22:00 to 06:00 only');
  });

  await test.step('by hand it runs at once, and its history says so', async () => {
    await schedule.getByTestId('schedule-run').click();
    await expect(job(page, 'Shelves')).toHaveAttribute('data-state', 'done', { timeout: 60_000 });
    await expect(schedule.getByTestId('schedule-last')).toContainText('started by hand, scan done');
    await schedule.getByRole('button', { name: 'History of Shelves' }).click();
    await expect(schedule.getByTestId('schedule-history').getByRole('listitem')).toHaveCount(1);
    expect((await call(page, 'app.overview', undefined)).jobs[0]?.frames).toBe(good);
    await takeScreens(page, 'schedules');
  });

  await test.step('switched off it does not run', async () => {
    await schedule.getByRole('switch').click();
    await expect(schedule.getByTestId('schedule-next')).toHaveText('Switched off: it does not run.');
  });

  await test.step('removing can be undone, and then it is gone', async () => {
    await schedule.getByRole('button', { name: 'Remove Shelves' }).click();
    await schedule.getByRole('button', { name: 'Undo' }).click();
    await schedule.getByRole('button', { name: 'Remove Shelves' }).click();
    await expect(schedule).toBeHidden({ timeout: 20_000 });
    expect(await call(page, 'schedules.list', undefined)).toEqual([]);
    await expect(job(page, 'Shelves')).toBeVisible();
  });
  await app.close();
});

/** A number that is the same in two readings half a second of the application's own time apart. */
async function settled(read: () => Promise<number>): Promise<number> {
  let last = -1;
  await expect
    .poll(
      async () => {
        const before = last;
        last = await read();
        return before === last;
      },
      { intervals: [500] },
    )
    .toBe(true);
  return last;
}
