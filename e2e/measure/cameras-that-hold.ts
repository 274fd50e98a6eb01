import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { CameraStreams } from '../../src/engine/ingest/testing/camera-streams.ts';
import { cameraSettingsSchema, type CameraStatus } from '../../src/shared/domain/camera.ts';
import { EndlessScan } from '../cli/endless-scan.ts';
import { inTimeShare } from '../cli/result-times.ts';
import { Served } from '../cli/served.ts';
import { freshDataDir } from '../fixtures/data-dir.ts';

// How many RTSP cameras keep their promise on this machine: more and more of them, until one does not. The server that sends
// their pictures takes its part of the same cores. Not a test: run it by hand on a quiet machine after `npm run build`,
// with the Node of this repository:
//   node e2e/measure/cameras-that-hold.ts --tier normal
//   node e2e/measure/cameras-that-hold.ts --tier normal --motion-gate --still 0.8
const { values } = parseArgs({
  options: {
    counts: { type: 'string', default: '4,6,8,10,12,14,16,18,20,24' },
    fps: { type: 'string', default: '5' },
    slo: { type: 'string', default: '200' },
    tier: { type: 'string', default: 'normal' },
    'motion-gate': { type: 'boolean', default: false },
    /** Share of the time in which nothing moves before a camera. */
    still: { type: 'string', default: '0' },
    scan: { type: 'boolean', default: false },
    seconds: { type: 'string', default: '60' },
    /** The pictures of the cameras. */
    size: { type: 'string', default: '640x360' },
    'camera-fps': { type: 'string', default: '10' },
  },
});
const settleMs = 15_000;
const promisedShare = 0.95;
const [width = 640, height = 360] = values.size.split('x').map(Number);

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

interface Step {
  readonly cameras: number;
  /** Of the camera that did worst. */
  readonly leastInTime: number;
  readonly worstP95Ms: number;
  readonly analysedShare: number;
  readonly archiveFrames: number;
  readonly holds: boolean;
}

async function step(cameras: number): Promise<Step> {
  const folder = mkdtempSync(join(tmpdir(), 'nightshift-hold-'));
  const data = await freshDataDir();
  try {
    const picture = { width, height, fps: Number(values['camera-fps']), still: Number(values.still) };
    await using streams = await CameraStreams.open(folder, { count: cameras, phases: 'apart', ...picture });
    await using app = await Served.start(data.path);
    for (const [index, url] of streams.urls.entries()) {
      const settings = {
        name: `Camera ${String(index + 1)}`,
        url,
        tier: values.tier,
        motionGate: values['motion-gate'],
      };
      const promise = { analysisFps: Number(values.fps), sloMs: Number(values.slo) };
      await app.call('cameras.add', cameraSettingsSchema.parse({ ...settings, ...promise }));
    }
    const look = async (): Promise<readonly CameraStatus[]> => (await app.call('app.overview', undefined)).statuses;
    while (!(await look()).every(({ state }) => state === 'live')) await pause(200);
    const scan = values.scan ? await EndlessScan.start(app) : null;
    await pause(settleMs);
    const before = await look();
    for (let second = 0; second < Number(values.seconds); second++) {
      await pause(1_000);
      await scan?.keepGoing();
    }
    const { statuses: after, lanes } = await app.call('app.overview', undefined);
    const shares = after.map((now, index) => inTimeShare(before[index] ?? now, now));
    const sum = (of: (status: CameraStatus) => number): number =>
      after.reduce((total, now, index) => total + of(now) - of(before[index] ?? now), 0);
    const leastInTime = Math.min(...shares);
    return {
      cameras,
      leastInTime,
      worstP95Ms: Math.max(...after.map(({ latencyMs }) => latencyMs?.p95 ?? 0)),
      analysedShare: sum(({ analysed }) => analysed) / sum(({ captured }) => captured),
      archiveFrames: lanes.archive.frames,
      holds: leastInTime >= promisedShare,
    };
  } finally {
    await data.remove();
    rmSync(folder, { recursive: true });
  }
}

let held = 0;
for (const count of values.counts.split(',').map(Number)) {
  const result = await step(count);
  console.log(JSON.stringify(result));
  if (!result.holds) break;
  held = count;
}
console.log(JSON.stringify({ ...values, held }));
