import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { RecordingNews } from '../../../shared/engine/protocol.ts';
import { drawTestPattern, type TestPattern } from '../test-pattern.ts';
import { drawAccessUnits, writeAccessUnits } from '../testing/access-units.ts';
import { IngestProbe } from '../testing/ingest-probe.ts';
import { RtspServer, whyNoRtspServer, type RtspMount } from '../testing/rtsp-server.ts';
import { everything } from './testing/tapped-packets.ts';
import { openVideoFile } from '../video-file.ts';

const codecs = ['h264', 'h265', 'mjpeg'] as const;
const pattern: TestPattern = { width: 320, height: 240, fps: 10, seed: 1, rectangles: 2, burst: 1 };

/** Decodes a recorded file to its end. */
function decoded(path: string): { pictures: number; lastMs: number; codec: string } {
  const video = openVideoFile(path, { maxPixels: 1e6, strict: true });
  try {
    let pictures = 0;
    let lastMs = 0;
    for (let frame = video.next(); frame !== null; frame = video.next()) {
      pictures += 1;
      lastMs = frame.timeMs;
    }
    return { pictures, lastMs, codec: video.facts.codec };
  } finally {
    video.close();
  }
}

test.skipIf(whyNoRtspServer() !== null)(
  'H.264, H.265 and MJPEG over RTSP are written as they come, and play; viewers get what a decoder needs',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'nightshift-rtsp-recording-'));
    const draw = (frame: number, rgb: Uint8Array): void => {
      drawTestPattern(pattern, frame, rgb);
    };
    const mounts: RtspMount[] = [];
    for (const codec of codecs) {
      const drawn = await drawAccessUnits(codec, { ...pattern, frames: 20, draw }, join(folder, 'scratch'));
      const units = writeAccessUnits(join(folder, codec), drawn);
      mounts.push({ path: `/${codec}`, codec, units, fps: 10, transports: ['tcp'] });
    }
    try {
      await using server = await RtspServer.start(mounts);
      await using probe = new IngestProbe();
      const told = (cameraId: string): RecordingNews[] =>
        probe.told('recording').flatMap((news) => (news.cameraId === cameraId ? [news.news] : []));
      for (const codec of codecs) {
        const recording = {
          folder: join(folder, 'recordings', codec),
          mode: 'continuous',
          thresholds: everything,
        } as const;
        probe.open(`rtsp://127.0.0.1:${String(server.port)}/${codec}`, { cameraId: codec, recording });
        probe.ingest.streamCamera({ type: 'stream-camera', cameraId: codec, on: true });
      }
      await probe.until(() => codecs.every((codec) => probe.of(codec).length >= 10));
      for (const codec of codecs) probe.ingest.closeCamera(codec);
      await probe.until(() => codecs.every((codec) => told(codec).some(({ kind }) => kind === 'closed')));
      for (const codec of codecs) {
        const closed = told(codec).find((news) => news.kind === 'closed');
        if (closed?.kind !== 'closed') throw new Error(`${codec} was not recorded`);
        const played = decoded(join(folder, 'recordings', codec, closed.file));
        expect(played.codec, codec).toBe(codec === 'h265' ? 'hevc' : codec);
        expect(played.pictures, codec).toBeGreaterThanOrEqual(12);
        expect(Math.abs(played.lastMs - (closed.endMs - closed.startMs)), codec).toBeLessThan(400);
      }

      const streamed = (cameraId: string) => probe.told('packets').filter((batch) => batch.cameraId === cameraId);
      expect(streamed('h264')[0]?.config).toMatchObject({ codec: expect.stringMatching(/^avc1\.[0-9a-f]{6}$/) });
      expect(streamed('h265')[0]?.config).toMatchObject({ codec: expect.stringMatching(/^hev1\.1\.[0-9a-f]+\.L/) });
      expect(streamed('mjpeg')).toEqual([]);
      for (const codec of ['h264', 'h265']) {
        const packets = streamed(codec).flatMap((batch) => batch.packets);
        // Nothing but what a viewer gets, without what the server says before the first packet.
        const file = join(folder, `streamed.${codec}`);
        writeFileSync(file, Buffer.concat(packets.map(({ data }) => data)));
        expect(packets.length, codec).toBeGreaterThan(5);
        expect(decoded(file).pictures, codec).toBe(packets.length);
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
);
