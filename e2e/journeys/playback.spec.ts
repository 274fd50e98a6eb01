import type { Page } from 'playwright/test';
import { cameraSettingsSchema } from '../../src/shared/domain/camera.ts';
import { seriousFindings } from '../fixtures/axe.ts';
import { call } from '../fixtures/calls.ts';
import { takeScreens } from '../fixtures/screens.ts';
import { expect, test } from '../fixtures/test.ts';

/** Clicks on the first camera's lane where a moment lies on it. */
async function clickAt(page: Page, atMs: number): Promise<void> {
  const lanes = page.getByTestId('lanes');
  const lane = page.getByTestId('lane-camera').first();
  const [fromMs, toMs] = [Number(await lanes.getAttribute('data-from')), Number(await lanes.getAttribute('data-to'))];
  const box = await lane.boundingBox();
  if (box === null) throw new Error('the lane is not on the page');
  await page.mouse.click(box.x + ((atMs - fromMs) / (toMs - fromMs)) * box.width, box.y + 12);
}

test('what a camera recorded is found on the timeline, played, kept and exported; what it did not record says why', async ({
  openApp,
}) => {
  const app = await openApp();
  const { page } = app;
  await expect(page.getByTestId('start-demo-camera')).toBeEnabled();
  const { demo } = await call(page, 'app.overview', undefined);
  const url = demo?.cameraUrl ?? '';
  const player = page.getByTestId('player');
  const lanes = page.getByTestId('lanes');
  const lane = page.getByTestId('lane-camera').first();
  const moment = page.getByTestId('moment');
  const at = async (): Promise<number> => Number(await player.getAttribute('data-at'));
  let cameraId = '';
  const recorded = async () =>
    (await call(page, 'recordings.coverage', { cameraId, fromMs: 0, toMs: Date.now() })).segments;

  await test.step('without a camera it says what to do', async () => {
    await page.keyboard.press('g');
    await page.keyboard.press('b');
    await expect(page.getByTestId('nav-playback')).toHaveAttribute('aria-current', 'page');
    await expect(page.getByTestId('add-camera')).toBeVisible();
  });

  await test.step('without footage it says why, and switches recording on', async () => {
    const settings = cameraSettingsSchema.parse({ name: 'Yard', url, analysisFps: 2 });
    ({ id: cameraId } = await call(page, 'cameras.add', settings));
    const status = async () => (await call(page, 'app.overview', undefined)).statuses[0]?.state;
    await expect.poll(status, { timeout: 60_000 }).toBe('live');
    await page.getByTestId('record-always').click();
    await expect.poll(async () => (await recorded()).length, { timeout: 60_000 }).toBeGreaterThan(0);
    // The wall's tile leads to what was recorded just now.
    await page.getByTestId('nav-live').click();
    await expect(page.getByTestId('play-back')).toBeVisible();
  });

  await test.step('it opens on what there is, and a click plays it with the boxes that were found', async () => {
    const [first] = await recorded();
    const startMs = first?.fromMs ?? 0;
    await expect.poll(async () => (await recorded()).at(-1)?.toMs ?? 0).toBeGreaterThan(startMs + 8_000);
    await page.getByTestId('nav-playback').click();
    // A few seconds are no sliver of an hour.
    await expect.poll(async () => Number(await lane.getAttribute('data-recorded-px'))).toBeGreaterThan(40);
    await expect(lanes).toHaveAttribute('data-follows', 'true');
    await expect.poll(async () => Number(await lane.getAttribute('data-gaps'))).toBeGreaterThan(0);
    await clickAt(page, startMs + 1_500);
    await expect(player).toHaveAttribute('data-state', 'playing', { timeout: 30_000 });
    const startedAtMs = await at();
    expect(Math.abs(startedAtMs - startMs - 1_500)).toBeLessThan(4_000);
    await expect.poll(at).toBeGreaterThan(startedAtMs + 500);
    await expect.poll(async () => Number(await player.getAttribute('data-boxes'))).toBeGreaterThan(0);
    expect(await seriousFindings(page)).toEqual([]);
    await takeScreens(page, 'playback');
  });

  await test.step('picture by picture, on and back', async () => {
    const [first] = await recorded();
    await clickAt(page, (first?.fromMs ?? 0) + 2_500);
    // Away from the end of what is recorded, to where it was told to go.
    await expect.poll(async () => (await at()) - (first?.fromMs ?? 0)).toBeLessThan(6_000);
    await page.keyboard.press('Space');
    await expect(player).toHaveAttribute('data-state', 'paused');
    // It may have been stopped between two pictures: from one of them on.
    const pausedAtMs = await at();
    await page.keyboard.press('.');
    await expect.poll(at).toBeGreaterThan(pausedAtMs);
    const pictureAtMs = await at();
    await page.keyboard.press('.');
    await expect.poll(at).toBeGreaterThan(pictureAtMs);
    await page.keyboard.press(',');
    await expect.poll(at).toBe(pictureAtMs);
  });

  await test.step('a moment before the camera was there says why there is nothing, and what is nearest', async () => {
    const [first] = await recorded();
    await clickAt(page, (first?.fromMs ?? 0) - 8_000);
    await expect(player).toHaveAttribute('data-state', 'away');
    await expect(page.getByTestId('gap-note')).toContainText('Not recorded: recording was switched off');
    await expect(page.getByTestId('footage-after')).toBeVisible();
  });

  await test.step('a moment is typed; a wrong one is answered with what is understood', async () => {
    await page.keyboard.press('g');
    await page.keyboard.press('t');
    await expect(moment).toBeFocused();
    await moment.fill('half past two');
    await page.keyboard.press('Enter');
    await expect(page.getByTestId('moment-note')).toContainText('yesterday 02:14');
    await expect(moment).toHaveAttribute('aria-invalid', 'true');
    await moment.fill('-2s');
    await expect(page.getByTestId('moment-note')).toContainText('Goes to');
    await page.keyboard.press('Enter');
    await expect.poll(async () => Date.now() - (await at())).toBeLessThan(60_000);
    await expect(page.getByTestId('gap-note')).toBeHidden();
  });

  await test.step('wheel, keys and drag move the window', async () => {
    const span = async (): Promise<number> =>
      Number(await lanes.getAttribute('data-to')) - Number(await lanes.getAttribute('data-from'));
    const before = await span();
    const box = await lane.boundingBox();
    if (box === null) throw new Error('the lane is not on the page');
    await page.mouse.move(box.x + box.width / 2, box.y + 12);
    await page.mouse.wheel(0, 400);
    await expect.poll(span).toBeGreaterThan(before * 1.2);
    await expect(page.getByTestId('told')).toBeVisible();
    await page.getByRole('button', { name: '1 h', exact: true }).click();
    await expect.poll(span).toBe(3_600_000);
    await lanes.focus();
    const fromMs = Number(await lanes.getAttribute('data-from'));
    await page.keyboard.press('Shift+ArrowLeft');
    await expect.poll(async () => Number(await lanes.getAttribute('data-from'))).toBeLessThan(fromMs - 1_000_000);
    await page.keyboard.press('Enter');
    await expect(player).toHaveAttribute('data-state', 'away');
    await page.keyboard.press('Home');
    await expect(lanes).toHaveAttribute('data-follows', 'true');
  });

  await test.step('a stretch is exported as MP4, and kept', async () => {
    await call(page, 'cameras.update', { id: cameraId, settings: { recording: 'off' } });
    const range = { cameraId, fromMs: 0, toMs: Date.now() };
    await expect.poll(async () => (await recorded()).every(({ isOpen }) => !isOpen)).toBe(true);
    const exported = await call(page, 'recordings.export', { ...range, file: null });
    expect(exported.file).toMatch(/nightshift-yard-.*\.mp4$/);
    expect(exported.durationMs).toBeGreaterThan(2_000);
    await call(page, 'recordings.keep', range);
    expect((await recorded()).every(({ isKept }) => isKept)).toBe(true);
  });
  await app.close();
});
