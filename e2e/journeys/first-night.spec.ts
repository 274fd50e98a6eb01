import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright/test';
import { call } from '../fixtures/calls.ts';
import { picturesPerSecond } from '../fixtures/canvas.ts';
import { choose } from '../fixtures/choose.ts';
import { takeLargeScreen, takeScreens } from '../fixtures/screens.ts';
import { expect, test } from '../fixtures/test.ts';
import { watchAttribute } from '../fixtures/watch-attribute.ts';

const openFilter = {
  kind: 'all',
  cameraIds: [],
  jobIds: [],
  labels: [],
  minScore: 0,
  sinceMs: null,
  untilMs: null,
  reviewed: 'any',
} as const;
const wholeScope = { jobId: null, cameraId: null, sinceMs: null, untilMs: null };

const number = (text: string | null): number => Number((text ?? '').replace(/[^\d.]/g, ''));
const tile = (page: Page) => page.getByTestId('tile').and(page.locator('[data-camera="Demo camera"]'));
const demoNight = (page: Page) => page.getByTestId('job').and(page.locator('[data-job="Demo night"]'));

async function seesPeople(page: Page): Promise<void> {
  await expect(tile(page)).toHaveAttribute('data-state', 'live', { timeout: 60_000 });
  await expect
    .poll(async () => Number(await tile(page).getAttribute('data-boxes')), { timeout: 30_000 })
    .toBeGreaterThan(0);
}

/** Every picture of the cards in sight has arrived. */
async function picturesLoaded(page: Page): Promise<void> {
  const pictures = page.getByTestId('result').locator('img');
  await expect
    .poll(
      () =>
        pictures.evaluateAll(
          (all) => all.length > 0 && all.every((one) => one instanceof HTMLImageElement && one.naturalWidth > 0),
        ),
      { message: 'pictures of the cards', timeout: 45_000 },
    )
    .toBe(true);
}

test('from the first run through a night to a report, and all of it after a restart', async ({ openApp }) => {
  test.setTimeout(300_000);
  let app = await openApp();
  let { page } = app;

  await test.step('the first run offers three ways to begin', async () => {
    for (const choice of ['start-demo-camera', 'start-demo-night', 'start-scan-folder']) {
      await expect(page.getByTestId(choice)).toBeEnabled();
    }
    await takeScreens(page, 'first-run');
  });

  await test.step('the demo camera shows boxes on people, on a moving picture', async () => {
    await page.getByTestId('start-demo-camera').click();
    await seesPeople(page);
    expect(await picturesPerSecond(tile(page).locator('canvas'), 15)).toBeGreaterThanOrEqual(5);
    const { statuses } = await call(page, 'app.overview', undefined);
    expect(statuses).toHaveLength(1);
    expect(statuses[0]).toMatchObject({ state: 'live', sloMs: 200 });
  });

  let jobId = '';
  let found = 0;
  await test.step('the demo night is scanned beside it, and the camera stays live', async () => {
    const before = (await call(page, 'app.overview', undefined)).statuses[0];
    await page.getByRole('button', { name: 'Scan the demo night' }).click();
    const row = demoNight(page);
    const progress = await watchAttribute(row.getByRole('progressbar'), 'aria-valuenow');
    const states = await watchAttribute(row, 'data-state');
    await expect(row).toContainText(/live p95 \d+ of 200 ms/);
    await expect(page.getByTestId('status-live')).toContainText(/1\/1 live · worst p95 \d+ of 200 ms/);
    await expect(page.getByTestId('status-scan')).toContainText(/Demo night \d+ %/);
    await expect(row).toContainText(/\d pictures\/s/, { timeout: 30_000 });
    await takeScreens(page, 'jobs-running');
    await expect(row).toHaveAttribute('data-state', 'done', { timeout: 150_000 });

    const grown = (await progress()).filter(({ value }) => value !== '').map(({ value }) => Number(value));
    expect(grown.length, 'steps of the progress bar').toBeGreaterThan(3);
    // It may correct itself a little when a video turns out to be longer than the others.
    const setBack = Math.max(...grown.map((value, index) => Math.max(0, ...grown.slice(0, index)) - value));
    expect(setBack, 'percent points that progress ever went back').toBeLessThanOrEqual(5);
    expect(grown.at(-1)).toBe(100);
    expect((await states()).map(({ value }) => value)).toContain('running');

    const { jobs, statuses } = await call(page, 'app.overview', undefined);
    expect(jobs[0]).toMatchObject({ name: 'Demo night', state: 'done', items: { total: 15, done: 15, failed: 0 } });
    jobId = jobs[0]?.id ?? '';
    found = jobs[0]?.detections ?? 0;
    expect(found, 'people in the demo night').toBeGreaterThan(100);
    expect(number(await row.getByTestId('job-found').textContent())).toBe(found);
    expect(statuses[0]?.analysed ?? 0).toBeGreaterThan((before?.analysed ?? 0) + 5);
  });

  await test.step('Live shows the promise beside the measured time', async () => {
    await page.getByTestId('nav-live').click();
    await seesPeople(page);
    await expect(page.getByTestId('tile-p95')).toHaveText(/\d+\/200 ms/);
    await takeScreens(page, 'live');
    await takeLargeScreen(page, 'live');
  });

  await test.step('Review shows what was found, narrowed by scan, class and camera', async () => {
    await page.getByTestId('nav-review').click();
    await picturesLoaded(page);
    const total = page.getByTestId('review-total');
    const count = async (filter: object) =>
      (await call(page, 'review.list', { filter: { ...openFilter, ...filter }, offset: 0, limit: 1 })).total;

    await choose(page, 'Camera or scan', 'Demo night');
    await expect.poll(async () => number(await total.textContent())).toBe(found);
    await picturesLoaded(page);

    const classes = page.getByRole('group', { name: 'Class' });
    await classes.getByRole('checkbox', { name: /person/ }).check();
    const people = await count({ jobIds: [jobId], labels: ['person'] });
    expect(people).toBeGreaterThan(50);
    await expect.poll(async () => number(await total.textContent())).toBe(people);
    await classes.getByRole('checkbox', { name: /person/ }).uncheck();

    await choose(page, 'Camera or scan', 'Demo camera');
    await expect(page.getByTestId('result').first()).toContainText('Demo camera');
    await picturesLoaded(page);
  });

  await test.step('a result opens large, with its box; J, K and R work on it', async () => {
    const large = page.getByTestId('large-view');
    await page.getByTestId('result').first().click();
    const picture = page.getByTestId('large-picture');
    await expect.poll(() => picture.evaluate((node) => (node as HTMLImageElement).naturalWidth)).toBeGreaterThan(320);
    await expect(large.locator('svg[viewBox] rect').first()).toBeVisible();
    await expect(large).toContainText(/1 of \d/);
    await page.keyboard.press('j');
    await expect(large).toContainText(/2 of \d/);
    await page.keyboard.press('k');
    await expect(large).toContainText(/1 of \d/);
    await page.keyboard.press('r');
    await expect(page.getByTestId('mark-reviewed')).toHaveAttribute('aria-pressed', 'true');
    await expect(page.getByRole('option', { selected: true }).getByLabel('Reviewed')).toBeVisible();
    await expect.poll(() => picture.evaluate((node) => (node as HTMLImageElement).naturalWidth)).toBeGreaterThan(320);
    await takeScreens(page, 'review');
    await takeLargeScreen(page, 'review');
  });

  await test.step('the report that is previewed is the report that is written, in every format', async () => {
    await page.getByTestId('nav-jobs').click();
    await demoNight(page).getByRole('button', { name: 'Details of Demo night' }).click();
    await page.getByRole('button', { name: 'Report', exact: true }).click();
    const preview = page.getByTestId('preview');
    await expect(preview).toContainText('Demo night');
    const shown = number(await preview.getByText('Detections', { exact: true }).locator('+ p').textContent());
    expect(shown).toBe(found);

    const files: Record<string, string> = {};
    for (const format of ['CSV', 'HTML', 'JSON']) {
      await page.getByRole('radio', { name: format }).check();
      await page.getByTestId('export').click();
      const written = page.getByTestId('exported');
      await expect(written).toContainText(`.${format.toLowerCase()}`, { timeout: 30_000 });
      const [latest] = await call(page, 'reports.list', undefined);
      // HTML is for reading: totals over everything, and the first rows.
      expect(latest?.rows).toBe(format === 'HTML' ? Math.min(shown, 300) : shown);
      files[format] = await readFile(latest?.file ?? '', 'utf8');
    }

    const [head, ...rows] = (files['CSV'] ?? '').trimEnd().split('\r\n');
    expect(head).toBe('source,frame,time_ms,class,score,x,y,width,height,inherited');
    expect(rows).toHaveLength(shown);

    const json = JSON.parse(files['JSON'] ?? '') as {
      totals: { frames: number; sources: number; detections: number };
      detections: unknown[];
    };
    expect(json.totals.detections).toBe(shown);
    expect(json.detections).toHaveLength(shown);
    const { totals } = await call(page, 'reports.preview', { ...wholeScope, jobId });
    expect(json.totals).toEqual(totals);

    // Without markup, and without the thin spaces that group digits.
    const html = (files['HTML'] ?? '').replace(/<[^>]*>/g, ' ').replace(/(\d)\u202f(?=\d)/g, '$1');
    for (const n of [totals.sources, totals.frames, totals.detections]) {
      expect(html.slice(html.indexOf('Demo night'))).toMatch(new RegExp(`\\b${String(n)}\\b`));
    }
    await expect(page.getByTestId('past-reports').locator('tbody tr')).toHaveCount(3);
    await takeScreens(page, 'reports');
  });

  await test.step('System and Cameras tell how it went', async () => {
    await page.getByTestId('nav-system').click();
    await expect(page.getByTestId('lane-live')).toContainText(/frames\/s/);
    await page.getByTestId('section-device').click();
    await expect(page.getByTestId('engine')).toHaveAttribute('data-state', 'ready');
    await takeScreens(page, 'device');
    await page.getByTestId('nav-cameras').click();
    await expect(page.getByTestId('camera')).toHaveAttribute('data-state', 'live');
    await takeScreens(page, 'cameras');
  });

  await app.close();

  await test.step('after a restart everything is still there', async () => {
    app = await openApp();
    page = app.page;
    await seesPeople(page);

    await page.getByTestId('nav-jobs').click();
    await expect(demoNight(page)).toHaveAttribute('data-state', 'done');
    expect(number(await demoNight(page).getByTestId('job-found').textContent())).toBe(found);

    await page.getByTestId('nav-review').click();
    await choose(page, 'Camera or scan', 'Demo night');
    await expect.poll(async () => number(await page.getByTestId('review-total').textContent())).toBe(found);
    await picturesLoaded(page);
    await choose(page, 'Camera or scan', 'Demo camera');
    await choose(page, 'Reviewed', 'Reviewed');
    await expect(page.getByTestId('result')).toHaveCount(1);

    await page.getByTestId('nav-reports').click();
    await expect(page.getByTestId('past-reports').locator('tbody tr')).toHaveCount(3);
    expect(await call(page, 'notices.list', undefined)).toEqual([]);
  });
  await app.close();
});
