import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CoverageRow, ReportDetection } from '../../src/shared/domain/report.ts';
import { encodeVideo } from '../../src/engine/ingest/testing/encode-video.ts';
import { freshDataDir } from '../fixtures/data-dir.ts';
import { run } from './command.ts';

interface ScanJson {
  readonly frames: number;
  readonly inherited: number;
  readonly detections: number;
}

interface ReportJson {
  readonly coverage: readonly CoverageRow[];
  readonly totals: { readonly frames: number; readonly detections: number };
  readonly detections: readonly ReportDetection[];
}

let folder: Awaited<ReturnType<typeof freshDataDir>>;
let video: string;
const frames = 60;
/** It stands still, jumps at frame 20, walks from 30 to 39, and stands again. */
const leftEdge = (frame: number): number => (frame < 20 ? 40 : 200 + Math.max(0, Math.min(frame, 40) - 30) * 8);

beforeAll(async () => {
  folder = await freshDataDir();
  video = join(folder.path, 'drawn.mp4');
  const [width, height] = [640, 360];
  encodeVideo(video, {
    width,
    height,
    fps: 10,
    frames,
    draw: (frame, rgb) => {
      rgb.fill(114);
      for (let y = 120; y < 240; y++) {
        for (let x = leftEdge(frame); x < leftEdge(frame) + 120; x++) rgb.set([230, 25, 25], (y * width + x) * 3);
      }
    },
  });
});
afterAll(() => folder.remove());

async function scan(
  job: string,
  ...more: string[]
): Promise<{ json: ScanJson; report: ReportJson; csv: () => Promise<string[]> }> {
  const data = join(folder.path, 'data');
  const common = ['--model', 'tiny-colour', '--fps', '10', '--job', job, '--data', data, '--json'];
  const { code, json, stderr } = await run<ScanJson>(['scan', video, ...common, ...more]);
  expect(code, stderr).toBe(0);
  const written = async (format: string): Promise<string> => {
    const out = join(folder.path, `${job}.${format}`);
    expect((await run(['report', '--format', format, '--out', out, '--job', job, '--data', data])).code).toBe(0);
    return readFileSync(out, 'utf8');
  };
  const csv = async (): Promise<string[]> => (await written('csv')).trimEnd().split('\r\n').slice(1);
  return { json, report: JSON.parse(await written('json')) as ReportJson, csv };
}

test('a scan with the motion gate runs what moves, and says in every report what it did not run', async () => {
  const every = await scan('every');
  expect(every.json).toMatchObject({ frames, inherited: 0, detections: frames });
  const gated = await scan('gated', '--motion-gate');
  // Run: the first frame, the jump, ten steps, where it comes to rest, and the first frame of the second group.
  expect(gated.json.inherited).toBeGreaterThanOrEqual(frames - 16);
  expect(gated.json).toMatchObject({ frames, detections: frames });
  const { coverage, totals, detections } = gated.report;
  expect(coverage).toMatchObject([{ frames, inherited: gated.json.inherited, ranges: [[0, frames]], state: 'done' }]);
  expect(totals).toMatchObject({ frames, detections: frames });
  expect((await gated.csv()).filter((line) => line.endsWith(',1'))).toHaveLength(gated.json.inherited);
  // Wherever the box is, both scans have found it there: 3 px of the source are less than one of the model's.
  for (const [frame, { box }] of detections.entries()) {
    expect(Math.abs((box[0] ?? 0) - leftEdge(frame)), `frame ${String(frame)}`).toBeLessThan(6);
    expect(Math.abs((box[0] ?? 0) - (every.report.detections[frame]?.box[0] ?? 0))).toBeLessThan(3);
  }
});
