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
      // The same stream once more, of which the packets alone are wanted, and one that is recorded after it was opened.
      const url = `rtsp://127.0.0.1:${String(server.port)}/h264`;
      const passed = 'packets only';
      const order = (name: string) =>
        ({ folder: join(folder, 'recordings', name), mode: 'continuous', thresholds: everything }) as const;
      probe.open(url, { cameraId: passed, packetsOnly: true, recording: order(passed) });
      probe.ingest.streamCamera({ type: 'stream-camera', cameraId: passed, on: true });
      probe.open(url, { cameraId: 'later' });
      const streamedOf = (cameraId: string) => probe.told('packets').filter((batch) => batch.cameraId === cameraId);
      await probe.until(() => probe.of('later').length >= 1);
      expect(told('later')).toEqual([]);
      probe.ingest.recordCamera({ type: 'record-camera', cameraId: 'later', recording: order('later') });
      await probe.until(() => codecs.every((codec) => probe.of(codec).length >= 10) && streamedOf(passed).length >= 12);
      await probe.until(() => told('later').some(({ kind }) => kind === 'opened'));
      probe.ingest.recordCamera({ type: 'record-camera', cameraId: 'later', recording: null });
      await probe.until(() => told('later').some(({ kind }) => kind === 'closed'));
      const seenBefore = probe.of('later').length;
      await probe.until(() => probe.of('later').length > seenBefore);
      expect(probe.of(passed)).toEqual([]);
      const opened = probe.told('camera-opened').find(({ cameraId }) => cameraId === passed);
      expect(opened).toMatchObject({ width: 320, height: 240, codec: 'h264', transport: 'tcp' });
      // Named by the same wall time as those that are decoded, to the jitter of two connections.
      const stamps = streamedOf(passed).flatMap((batch) => batch.stamps.map(({ capturedAtMs }) => capturedAtMs));
      const tickets = probe.of('h264').map(({ ticket }) => ticket.capturedAtMs);
      const nearest = tickets.map((at) => Math.min(...stamps.map((stamp) => Math.abs(stamp - at))));
      expect(nearest.sort((a, b) => a - b)[nearest.length >> 1]).toBeLessThan(60);
      for (const cameraId of [...codecs, passed, 'later']) probe.ingest.closeCamera(cameraId);
      await probe.until(() => told(passed).some(({ kind }) => kind === 'closed'));
      const file = told(passed).find((news) => news.kind === 'closed');
      if (file?.kind !== 'closed') throw new Error('nothing was recorded');
      expect(decoded(join(folder, 'recordings', passed, file.file)).pictures).toBeGreaterThanOrEqual(10);
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
