import type { Page } from 'playwright/test';
import { jobSpecSchema } from '../../src/shared/domain/job.ts';
import { call } from '../fixtures/calls.ts';
import { drawnCamera } from '../fixtures/drawn-camera.ts';
import { nightFolder } from '../fixtures/footage.ts';
import { takeLargeScreen, takeScreens } from '../fixtures/screens.ts';
import { expect, test } from '../fixtures/test.ts';

/** A drawn camera on the tiny model, and a scan that goes on for longer than the test. */
async function furnish(page: Page): Promise<void> {
  await call(page, 'cameras.add', drawnCamera('test:?fps=5', 5));
  await call(
    page,
    'jobs.create',
    jobSpecSchema.parse({ paths: [nightFolder], name: 'Long night', tier: 'fast', fps: 25 }),
  );
}

test('System shows what the device ran and why, takes settings, advises and checks itself', async ({ openApp }) => {
  let app = await openApp();
  let { page } = app;
  await expect(page.getByTestId('start-demo-camera')).toBeEnabled();
  await furnish(page);
  await page.getByTestId('nav-system').click();
  const gantt = page.getByTestId('gantt');
  const runs = async (): Promise<number> => Number(await gantt.getAttribute('data-runs'));

  await test.step('calls of both lanes are drawn as they happen', async () => {
    await expect.poll(runs, { timeout: 60_000 }).toBeGreaterThan(10);
    await expect(page.getByTestId('lane-live')).toContainText(/frames\/s/);
    await expect
      .poll(async () => (await call(page, 'app.overview', undefined)).lanes.archive.batches, { timeout: 60_000 })
      .toBeGreaterThan(2);
    await expect(gantt).toHaveAttribute('data-follows', 'true');
    await takeScreens(page, 'system');
    await takeLargeScreen(page, 'system');
  });

  await test.step('a call explains itself under the pointer, and by keys', async () => {
    await page.keyboard.press('k');
    await expect(gantt).toHaveAttribute('data-follows', 'false');
    const told = page.getByTestId('gantt-told');
    await expect(told).toContainText(/predicted \d/);
    const byKeys = await told.textContent();
    await page.keyboard.press('k');
    await expect(told).not.toHaveText(byKeys ?? '');

    await page.keyboard.press('Escape');
    await expect(told).toBeHidden();
    // The picture stands still now: its own bars are looked for until one is under the pointer.
    const box = await page.getByTestId('gantt-canvas').boundingBox();
    if (box === null) throw new Error('the timeline is not on the page');
    await expect
      .poll(async () => {
        for (let x = box.width - 4; x > 0; x -= 6) {
          await page.mouse.move(box.x + x, box.y + 34);
          if (await told.isVisible()) return await told.textContent();
        }
        return null;
      })
      .toMatch(/Live · Drawn.*(took|still running)/);
  });

  await test.step('the window zooms and moves by keys, and goes back to the present', async () => {
    const range = page.getByTestId('gantt-range');
    const before = await range.textContent();
    await page.keyboard.press('ArrowLeft');
    await expect(range).not.toHaveText(before ?? '');
    await page.getByRole('button', { name: '1 h', exact: true }).click();
    await expect(page.getByRole('button', { name: '1 h', exact: true })).toHaveAttribute('aria-pressed', 'true');
    await expect.poll(async () => Number(await gantt.getAttribute('data-shapes'))).toBeGreaterThan(0);
    expect(Number(await gantt.getAttribute('data-shapes'))).toBeLessThanOrEqual(2_000);
    await page.keyboard.press('+');
    await expect(page.getByRole('button', { name: '1 h', exact: true })).toHaveAttribute('aria-pressed', 'false');
    await page.keyboard.press('Home');
    await expect(gantt).toHaveAttribute('data-follows', 'true');
  });

  await test.step('settings are taken, can be undone, and are refused out of their limits', async () => {
    const settings = async () => (await call(page, 'app.overview', undefined)).lanes.settings;
    await page.getByTestId('mode-balanced').check();
    await expect.poll(async () => (await settings()).mode).toBe('balanced');
    await page.getByTestId('setting-archive-batch').fill('4');
    await page.getByTestId('setting-archive-batch').blur();
    await expect.poll(async () => (await settings()).archiveBatch).toBe(4);
    await expect(page.getByTestId('setting-archive-batch-auto')).not.toBeChecked();

    await page.getByTestId('setting-floor').fill('0');
    await page.getByTestId('setting-floor').blur();
    await expect.poll(async () => (await settings()).archiveFloorShare).toBe(0);
    await expect(page.getByTestId('lane-settings')).toContainText('Live absolute');
    await page.locator('[data-sonner-toast]', { hasText: 'live absolute' }).getByRole('button').click();
    await expect.poll(async () => (await settings()).archiveFloorShare).toBe(0.05);

    await page.getByTestId('setting-window').fill('51');
    await page.getByTestId('setting-window').blur();
    await expect(page.getByTestId('lane-settings')).toContainText('A number from 0 to 50.');
    expect((await settings()).liveWindowMs).toBe('auto');
  });

  await test.step('the advisor answers, and its setting can be started with', async () => {
    await page.getByTestId('section-planner').click();
    await page.getByTestId('advise').click();
    const advice = page.getByTestId('advice');
    await expect(advice).toHaveAttribute('data-mode', 'hybrid');
    await page.getByLabel('Urgent, %').fill('100');
    await page.getByLabel('Urgent, %').blur();
    await page.getByTestId('advise').click();
    await expect(advice).toHaveAttribute('data-mode', 'real-time');
    await page.getByTestId('start-advised').click();
    await expect.poll(async () => (await call(page, 'app.overview', undefined)).lanes.mode).toBe('strict');

    await page.getByTestId('batch-ask').click();
    await expect(page.getByTestId('batch-answer')).toHaveAttribute('data-batch', '8');
    await expect(page.getByTestId('capacity').getByText(/Not measured yet|More cameras/)).toBeVisible();
    await page.getByTestId('capacity').scrollIntoViewIfNeeded();
    await takeScreens(page, 'planner');
  });

  await test.step('the five mistakes are looked for', async () => {
    await page.getByTestId('section-self-check').click();
    await expect.poll(() => page.getByTestId('finding').count()).toBeGreaterThan(0);
    await takeScreens(page, 'self-check');
  });

  await test.step('a load test runs, is stopped, and its report stays', async () => {
    await page.getByTestId('section-load-test').click();
    await page.getByTestId('load-cameras').fill('2');
    await page.getByTestId('load-cameras').blur();
    await page.getByTestId('load-start').click();
    const report = page.getByTestId('load-test');
    await expect(report).toHaveAttribute('data-state', 'running', { timeout: 60_000 });
    await expect(report.getByRole('img', { name: 'Latency by minute' })).toBeVisible({ timeout: 60_000 });
    await page.getByTestId('load-stop').click();
    await expect(report).toHaveAttribute('data-state', 'stopped', { timeout: 60_000 });
    await takeScreens(page, 'load-test');
  });

  await test.step('after a restart the settings are as they were set', async () => {
    const before = (await call(page, 'app.overview', undefined)).lanes.settings;
    await app.close();
    app = await openApp();
    page = app.page;
    await expect(page.getByTestId('status-live')).toBeVisible();
    await page.getByTestId('nav-system').click();
    await expect(page.getByTestId('mode-strict')).toBeChecked();
    await expect(page.getByTestId('lane-settings')).toBeVisible();
    expect((await call(page, 'app.overview', undefined)).lanes.settings).toEqual(before);
  });
  await app.close();
});
