import { readFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import type { CDPSession, Page } from 'playwright/test';
import { cameraSettingsSchema } from '../../src/shared/domain/camera.ts';
import { call } from '../fixtures/calls.ts';
import { freshDataDir } from '../fixtures/data-dir.ts';
import { yardClip } from '../fixtures/footage.ts';
import { launch } from '../fixtures/launch.ts';
import { findHosts } from '../runtime/hosts.ts';

// A wall of many cameras that are analysed, watched for a long time in a browser. Not a test: run it by hand on a quiet
// machine after `npm run build`, with the Node of this repository:
//   node e2e/measure/wall.ts --cameras 16 --minutes 30
const { values } = parseArgs({
  options: {
    cameras: { type: 'string', default: '16' },
    minutes: { type: 'string', default: '30' },
    'analysis-fps': { type: 'string', default: '1' },
  },
});
const cameras = Number(values.cameras);
const minutes = Number(values.minutes);
const settleMs = 20_000;
const minuteMs = 60_000;

interface Sample {
  /** Since the cameras were live. */
  readonly minute: number;
  /** Pictures drawn a second, of each tile; 0: it stood still. */
  readonly shownFps: readonly number[];
  /** Frames of all cameras in this minute: captured a second, with a result a second, and given up in all. */
  readonly capturedPerSecond: number;
  readonly analysedPerSecond: number;
  readonly dropped: number;
  readonly heapMb: number;
  /** Resident memory of the page's process; null: the system does not say. */
  readonly residentMb: number | null;
}

const names = Array.from({ length: cameras }, (_, index) => `Camera ${String(index + 1)}`);

async function addCameras(page: Page): Promise<void> {
  for (const [index, name] of names.entries()) {
    const camera = {
      name,
      url: index % 2 === 0 ? pathToFileURL(yardClip).href : `test:?fps=10&seed=${String(index)}`,
      analysisFps: Number(values['analysis-fps']),
      sloMs: 1000,
      tier: 'fast',
    };
    await call(page, 'cameras.add', cameraSettingsSchema.parse(camera));
  }
}

/** Counts what each tile draws from now on. */
const countDrawings = (page: Page): Promise<void> =>
  page.evaluate(() => {
    const counts = new Map<string, number>();
    Object.assign(window, { drawings: counts });
    const { drawImage } = CanvasRenderingContext2D.prototype;
    CanvasRenderingContext2D.prototype.drawImage = function (this: CanvasRenderingContext2D, ...args: unknown[]) {
      const name = this.canvas.closest<HTMLElement>('[data-camera]')?.dataset['camera'] ?? '';
      counts.set(name, (counts.get(name) ?? 0) + 1);
      Reflect.apply(drawImage, this, args);
    };
  });

/** What was counted since the last time, by tile. */
const takeDrawings = (page: Page): Promise<readonly number[]> =>
  page.evaluate(
    (names) => {
      const { drawings } = window as unknown as { drawings: Map<string, number> };
      const counts = names.map((name) => drawings.get(name) ?? 0);
      drawings.clear();
      return counts;
    },
    names.slice(0, 16),
  );

/** Of all cameras, since they were opened. */
async function framesSoFar(page: Page): Promise<{ captured: number; analysed: number; dropped: number }> {
  const { statuses } = await call(page, 'app.overview', undefined);
  const sum = (of: (status: (typeof statuses)[number]) => number): number =>
    statuses.reduce((total, status) => total + of(status), 0);
  return {
    captured: sum(({ captured }) => captured),
    analysed: sum(({ analysed }) => analysed),
    dropped: sum(({ dropped }) => Object.values(dropped).reduce((total, frames) => total + frames, 0)),
  };
}

/** The slope of a straight line through the samples, a minute. */
function growthPerMinute(of: (sample: Sample) => number, samples: readonly Sample[]): number {
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [atMinute, atValue] = [mean(samples.map(({ minute }) => minute)), mean(samples.map(of))];
  const spread = samples.reduce((sum, { minute }) => sum + (minute - atMinute) ** 2, 0);
  return samples.reduce((sum, sample) => sum + (sample.minute - atMinute) * (of(sample) - atValue), 0) / spread;
}

async function residentMb(page: Page): Promise<number | null> {
  const session = await page.context().browser()?.newBrowserCDPSession();
  const { processInfo } = (await session?.send('SystemInfo.getProcessInfo')) ?? { processInfo: [] };
  await session?.detach();
  const sizes = await Promise.all(
    processInfo
      .filter(({ type }) => type === 'renderer')
      .map(async ({ id }) => readFile(`/proc/${String(id)}/status`, 'utf8').catch(() => '')),
  );
  const kilobytes = sizes.map((text) => Number(/VmRSS:\s+(\d+)/.exec(text)?.[1] ?? 0));
  return kilobytes.length === 0 ? null : Math.max(...kilobytes) / 1024;
}

async function heapMb(session: CDPSession): Promise<number> {
  await session.send('HeapProfiler.collectGarbage');
  const { metrics } = await session.send('Performance.getMetrics');
  return (metrics.find(({ name }) => name === 'JSHeapUsedSize')?.value ?? 0) / 2 ** 20;
}

const { browser: host } = await findHosts();
if ('missing' in host) throw new Error(host.missing);
const dataDir = await freshDataDir();
const app = await launch('browser', host, {
  dataDir: dataDir.path,
  viewport: { width: 1366, height: 768 },
  colorScheme: 'dark',
  onPage: () => undefined,
});
try {
  const { page } = app;
  await addCameras(page);
  await page.getByTestId('nav-live').click();
  await page
    .getByTestId('tile')
    .nth(Math.min(cameras, 16) - 1)
    .waitFor();
  await page.waitForTimeout(settleMs);
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable');
  await countDrawings(page);
  const samples: Sample[] = [];
  for (let minute = 1; minute <= minutes; minute++) {
    await takeDrawings(page);
    const before = await framesSoFar(page);
    const fromMs = performance.now();
    await page.waitForTimeout(minuteMs);
    const seconds = (performance.now() - fromMs) / 1000;
    const shownFps = (await takeDrawings(page)).map((count) => Number((count / seconds).toFixed(2)));
    const now = await framesSoFar(page);
    const analysedPerSecond = Number(((now.analysed - before.analysed) / seconds).toFixed(2));
    if (analysedPerSecond === 0) throw new Error(`nothing was analysed in minute ${String(minute)}`);
    const capturedPerSecond = Number(((now.captured - before.captured) / seconds).toFixed(2));
    const frames = { capturedPerSecond, analysedPerSecond, dropped: now.dropped - before.dropped };
    samples.push({ minute, shownFps, ...frames, heapMb: await heapMb(session), residentMb: await residentMb(page) });
    process.stderr.write(`${JSON.stringify(samples.at(-1))}\n`);
  }
  const { statuses } = await call(page, 'app.overview', undefined);
  const { queues } = await call(page, 'system.status', undefined);
  const result = {
    cameras,
    minutes,
    leastShownFps: Math.min(...samples.flatMap(({ shownFps }) => shownFps)),
    picturesReplaced: queues.find(({ name }) => name === 'preview-pictures')?.givenUp ?? null,
    slosMet: statuses.filter(({ sloMet }) => sloMet).length,
    worstP95Ms: Math.max(...statuses.map(({ latencyMs }) => latencyMs?.p95 ?? 0)),
    /** From the second minute on: the first one still fills caches. */
    growthMbPerMinute:
      samples.length < 3
        ? null
        : {
            heap: growthPerMinute((sample) => sample.heapMb, samples.slice(1)),
            resident: growthPerMinute((sample) => sample.residentMb ?? 0, samples.slice(1)),
          },
    firstMinute: samples[0],
    lastMinute: samples.at(-1),
  };
  process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
} finally {
  await app.kill();
  await dataDir.remove();
}
