import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { CameraStreams } from '../../src/engine/ingest/testing/camera-streams.ts';
import { whyNoRtspServer } from '../../src/engine/ingest/testing/rtsp-server.ts';
import { cameraSettingsSchema } from '../../src/shared/domain/camera.ts';
import { freshDataDir } from '../fixtures/data-dir.ts';
import { EndlessScan } from './endless-scan.ts';
import { lookAt } from './process-look.ts';
import { Served } from './served.ts';
import { judgeSoak, soakBounds, type SoakEnd, type SoakSample } from './soak-figures.ts';

const isNight = process.env['NIGHTSHIFT_NIGHT'] === '1';
const minutes = Number(process.env['NIGHTSHIFT_SOAK_MINUTES'] ?? (isNight ? '45' : '1'));
const cameras = 8;
/**
 * An operator's model and promise through the night. In a minute's test those that a slow or shared machine can keep too; the
 * tiny model finds what is drawn, so that tracks, events and rows come of it.
 */
const analysis =
  minutes < 10 ? { modelId: 'tiny-colour', sloMs: 1_000 } : { modelId: 'nanodet-g', tier: 'fast', sloMs: 250 };
const sampleMs = minutes < 10 ? 1_000 : 5_000;
const lacking = process.platform === 'linux' ? whyNoRtspServer() : 'what a process holds is read from Linux';

test(
  `${String(cameras)} cameras at 5 fps, recorded, beside a scan for ${String(minutes)} min: nothing grows, no gap in the footage, every frame accounted for`,
  async (context) => {
    context.skip(lacking !== null, lacking ?? '');
    const folder = mkdtempSync(join(tmpdir(), 'nightshift-soak-'));
    const data = await freshDataDir();
    try {
      const picture = { width: 480, height: 270, fps: 10, phases: 'apart' } as const;
      await using streams = await CameraStreams.open(folder, { count: cameras, ...picture });
      await using app = await Served.start(data.path);
      const ids: string[] = [];
      for (const [index, url] of streams.urls.entries()) {
        const settings = { name: `Camera ${String(index + 1)}`, url, ...analysis, recording: 'continuous' };
        ids.push((await app.call('cameras.add', cameraSettingsSchema.parse(settings))).id);
      }
      await expect
        .poll(async () => (await recordings(app)).map(({ state }) => state), { timeout: 60_000 })
        .toEqual(ids.map(() => 'recording'));
      const scan = await EndlessScan.start(app);
      await settled(app);

      const beganAtMs = Date.now();
      const began = performance.now();
      const samples: SoakSample[] = [];
      for (let next = sampleMs; next <= minutes * 60_000; next += sampleMs) {
        await new Promise((resolve) => setTimeout(resolve, Math.max(0, began + next - performance.now())));
        const { system, lanes } = await app.call('app.overview', undefined);
        samples.push({
          atMs: performance.now() - began,
          host: lookAt(app.pid),
          engine: lookAt(system.engine.pid ?? 0),
          eventLoopP99Ms: system.eventLoopP99Ms,
          archiveFrames: lanes.archive.frames,
        });
        await scan.keepGoing();
      }
      const end = await endOf(app, ids, beganAtMs, scan.itemsDone);

      const judged = judgeSoak(samples, end, soakBounds(minutes));
      console.log(`SOAK ${JSON.stringify({ minutes, end, resident: residentOf(samples), judged })}`);
      expect(judged.filter(({ kept }) => !kept)).toEqual([]);
      expect(end.captured).toBeGreaterThan(cameras * 5 * minutes * 60 * 0.95);
      expect(samples.at(-1)?.archiveFrames).toBeGreaterThan(samples[0]?.archiveFrames ?? 0);
    } finally {
      await data.remove();
      rmSync(folder, { recursive: true });
    }
  },
  (minutes + 3) * 60_000,
);

const recordings = async (app: Served) => (await app.call('recordings.status', undefined)).cameras;

async function endOf(app: Served, ids: readonly string[], sinceMs: number, itemsDone: number): Promise<SoakEnd> {
  const { statuses, system } = await app.call('app.overview', undefined);
  const sum = (of: (status: (typeof statuses)[number]) => number): number =>
    statuses.reduce((total, status) => total + of(status), 0);
  const dropped = sum((status) => Object.values(status.dropped).reduce((total, count) => total + count, 0));
  const [captured, analysed, waiting] = [
    sum((one) => one.captured),
    sum((one) => one.analysed),
    sum((one) => one.waiting),
  ];
  // Of a file that is being written the size is not known.
  let [gaps, files, bytes] = [0, 0, 0];
  for (const cameraId of ids) {
    const coverage = await app.call('recordings.coverage', { cameraId, fromMs: sinceMs, toMs: Date.now() });
    gaps += coverage.gaps.length;
    files += coverage.segments.length;
    bytes += coverage.segments.reduce((total, segment) => total + segment.bytes, 0);
  }
  return {
    cameras: statuses.length,
    sloMet: statuses.filter(({ sloMet }) => sloMet).length,
    captured,
    analysed,
    dropped,
    unaccounted: captured - analysed - dropped - waiting,
    worstP95Ms: Math.max(...statuses.map(({ latencyMs }) => latencyMs?.p95 ?? Number.POSITIVE_INFINITY)),
    recordedMb: bytes / 2 ** 20,
    files,
    gaps,
    packetsLeftOut: (await recordings(app)).reduce((total, camera) => total + camera.packetsLeftOut, 0),
    itemsDone,
    engineRestarts: system.engine.restarts,
  };
}

/** First, highest and last, MB. */
function residentOf(samples: readonly SoakSample[]): Readonly<Record<'host' | 'engine', readonly number[]>> {
  const of = (name: 'host' | 'engine'): readonly number[] => {
    const all = samples.map((sample) => Math.round(sample[name].residentMb));
    return [all[0] ?? 0, Math.max(...all), all[all.length - 1] ?? 0];
  };
  return { host: of('host'), engine: of('engine') };
}

/** A size that is run for the first time takes tens of MB once: growth is what comes after the last of them. */
async function settled(app: Served): Promise<void> {
  const calmMs = 8_000;
  let sizes = -1;
  let sinceMs = 0;
  await expect
    .poll(
      async () => {
        const { lanes } = await app.call('app.overview', undefined);
        if (lanes.costs.length !== sizes) sinceMs = performance.now();
        sizes = lanes.costs.length;
        return performance.now() - sinceMs;
      },
      { timeout: 60_000, interval: 500 },
    )
    .toBeGreaterThan(calmMs);
}
