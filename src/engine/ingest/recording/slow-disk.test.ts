import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { seededRandom } from '../../../core/testing/seeded-random.ts';
import type { RecordingNews } from '../../../shared/engine/protocol.ts';
import { encodeVideo } from '../testing/encode-video.ts';
import { IngestProbe } from '../testing/ingest-probe.ts';
import { BlockedDisk } from './testing/blocked-disk.ts';
import { everything, packetsIn } from './testing/tapped-packets.ts';

/** A second of the noise that is recorded is a good megabyte. */
const mostRecordingBytes = 2 * 1024 * 1024;
const [width, height, fps] = [320, 240, 25];

function drawNoise(path: string): void {
  const random = seededRandom(3);
  encodeVideo(path, {
    ...{ width, height, fps, frames: fps, gop: fps },
    encoderOptions: { preset: 'ultrafast' },
    draw: (_frame, rgb) => {
      for (let at = 0; at < rgb.length; at++) rgb[at] = random() * 256;
    },
  });
}

test.skipIf(process.platform === 'win32')(
  'a disk on which a write blocks: live goes on, what may wait is bounded and the rest counted, the gap is told, recording resumes by itself',
  async () => {
    const root = mkdtempSync(join(tmpdir(), 'nightshift-slow-disk-'));
    const disk = new BlockedDisk(root);
    try {
      const clip = join(root, 'noise.mp4');
      drawNoise(clip);
      disk.letGo();
      const workerFile = new URL('./testing/blocked-disk-worker.ts', import.meta.url);
      await using probe = new IngestProbe({ workerFile, mostRecordingBytes });
      const told = <K extends RecordingNews['kind']>(kind: K) =>
        probe
          .told('recording')
          .map(({ news }) => news)
          .filter((news): news is Extract<RecordingNews, { kind: K }> => news.kind === kind);
      const leftOut = (): number => told('load').reduce((sum, load) => sum + load.leftOut, 0);
      const frames = (more: number): Promise<void> => {
        const before = probe.arrived.length;
        return probe.until(() => probe.arrived.length >= before + more);
      };

      const recording = { folder: disk.folder, mode: 'continuous', thresholds: everything } as const;
      probe.open(`file:${clip}`, { analysisFps: 10, recording });
      await probe.until(() => told('opened').length === 1);
      await frames(5);
      disk.block();
      await probe.until(() => leftOut() > 0);
      await frames(10);
      // The thread that writes stands still and says nothing: that is how slow it is.
      expect(told('closed')).toEqual([]);

      disk.letGo();
      await probe.until(() => told('opened').length === 2);
      // What was left out is told once a second.
      const loads = told('load').length;
      await probe.until(() => told('load').length > loads);
      probe.ingest.closeCamera('camera');
      await probe.until(() => told('closed').length === 2);
      probe.drain();

      expect(probe.lost, 'frames that were not analysed').toEqual([]);
      for (const { waitingBytes } of told('load')) expect(waitingBytes).toBeLessThanOrEqual(mostRecordingBytes);
      const [first, second] = told('closed');
      const [stopped, ...more] = told('stopped');
      expect([stopped?.reason, more]).toEqual(['disk-slow', []]);
      // What was recorded before is whole up to the gap, which is as long as what was left out.
      const gapMs = (second?.startMs ?? 0) - (stopped?.atMs ?? 0);
      expect(Math.abs((first?.endMs ?? 0) - (stopped?.atMs ?? 0))).toBeLessThan(500);
      expect(gapMs).toBeGreaterThan(0);
      expect(Math.abs(leftOut() * (1000 / fps) - gapMs)).toBeLessThan(500);
      for (const segment of [first, second]) {
        const { packets, firstIsKey } = packetsIn(join(disk.folder, segment?.file ?? ''));
        expect(firstIsKey).toBe(true);
        expect(Math.abs(packets * (1000 / fps) - ((segment?.endMs ?? 0) - (segment?.startMs ?? 0)))).toBeLessThan(500);
      }
    } finally {
      disk.close();
      rmSync(root, { recursive: true });
    }
  },
);
