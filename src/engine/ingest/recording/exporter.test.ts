import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { demoFile } from '../testing/ingest-probe.ts';
import { ExporterIngest } from './exporter-ingest.ts';

const workerFile = new URL('../worker.ts', import.meta.url);
const clip = demoFile('camera.mp4'); // 20 s

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nightshift-export-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const order = (name: string) => ({
  pieces: [{ path: clip, startMs: 0, endMs: 20_000 }],
  ...{ fromMs: 0, toMs: 20_000 },
  target: join(folder, name),
});

test('an export that takes too long is given up with a word, leaves nothing behind and holds up no other', async () => {
  const hasty = new ExporterIngest(workerFile, { exportMs: 1, graceMs: 20_000 });
  const ends = await Promise.allSettled([hasty.export(order('a.mp4')), hasty.export(order('b.mp4'))]);
  for (const end of ends) {
    expect(end).toMatchObject({
      status: 'rejected',
      reason: { kind: 'timed-out', message: expect.stringContaining('Export a shorter stretch') as string },
    });
  }
  await hasty.close(1_000);
  expect(readdirSync(folder)).toEqual([]);

  const patient = new ExporterIngest(workerFile);
  const exported = await patient.export(order('c.mp4'));
  expect(exported.durationMs).toBeGreaterThan(15_000);
  await patient.close(1_000);
  expect(readdirSync(folder)).toEqual(['c.mp4']);
});
