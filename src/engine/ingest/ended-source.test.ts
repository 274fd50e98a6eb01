import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { silenceFfmpeg } from './ffmpeg.ts';
import { NetworkSource } from './network-source.ts';

silenceFfmpeg();

/** CRC-32 as MPEG transport streams have it: not reflected, not inverted at the end. */
function crcOf(bytes: readonly number[]): readonly number[] {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte << 24;
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x80000000 ? (crc << 1) ^ 0x04c11db7 : crc << 1;
  }
  return [crc >>> 24, (crc >>> 16) & 0xff, (crc >>> 8) & 0xff, crc & 0xff];
}

/** A packet of 188 bytes with one table in it. */
function tablePacket(pid: number, count: number, tableId: number, body: readonly number[]): Buffer {
  const section = [tableId, 0xb0, body.length + 4, ...body];
  const head = [0x47, 0x40 | (pid >> 8), pid & 0xff, 0x10 | (count & 0x0f), 0];
  return Buffer.concat([Buffer.from([...head, ...section, ...crcOf(section)])], 188).fill(
    0xff,
    head.length + section.length + 4,
  );
}

/** Announces an H.264 stream of which nothing follows. */
function announcement(): Buffer {
  const packets: Buffer[] = [];
  for (let count = 0; count < 40; count++) {
    packets.push(tablePacket(0, count, 0, [0, 1, 0xc1, 0, 0, 0, 1, 0xf0, 0x00]));
    packets.push(tablePacket(0x1000, count, 2, [0, 1, 0xc1, 0, 0, 0xe1, 0x00, 0xf0, 0, 0x1b, 0xe1, 0x00, 0xf0, 0]));
  }
  return Buffer.concat(packets);
}

test('a stream that ends before its first picture is told at once, and ends nothing else', async () => {
  const camera = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'video/mp2t' }).end(announcement());
  }).listen(0, '127.0.0.1');
  await once(camera, 'listening');
  try {
    const url = `http://127.0.0.1:${String((camera.address() as AddressInfo).port)}/live.ts`;
    const opening = NetworkSource.open(url, {
      ...{ transport: 'auto', maxPixels: 1e8, onAnswer: () => undefined },
      signal: AbortSignal.timeout(10_000),
    });
    await expect(opening).rejects.toThrow(/ended the stream, or sent no whole picture/);
  } finally {
    camera.closeAllConnections();
    camera.close();
  }
});
