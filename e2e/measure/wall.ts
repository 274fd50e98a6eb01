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
  /** Pictures drawn a second, of each tile. */
  readonly shownFps: readonly number[];
  readonly heapMb: number;
  /** Resident memory of the page's process; null: the system does not say. */
  readonly residentMb: number | null;
}

async function addCameras(page: Page): Promise<void> {
  for (let index = 0; index < cameras; index++) {
    const camera = {
      name: `Camera ${String(index + 1)}`,
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

/** What was counted since the last time. */
const takeDrawings = (page: Page): Promise<readonly number[]> =>
  page.evaluate(() => {
    const { drawings } = window as unknown as { drawings: Map<string, number> };
    const counts = [...drawings.values()];
    drawings.clear();
    return counts;
  });

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
    const fromMs = performance.now();
    await page.waitForTimeout(minuteMs);
    const seconds = (performance.now() - fromMs) / 1000;
    const shownFps = (await takeDrawings(page)).map((count) => Number((count / seconds).toFixed(2)));
    samples.push({ minute, shownFps, heapMb: await heapMb(session), residentMb: await residentMb(page) });
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
    firstMinute: samples[0],
    lastMinute: samples.at(-1),
  };
  process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
} finally {
  await app.kill();
  await dataDir.remove();
}
