// An ingest thread whose recorder's disk blocks: before a packet is written to its file, its bytes go into a pipe, and a
// write(2) to a full pipe returns when somebody reads from it. Everything else is as it is.
import { openSync, writeSync } from 'node:fs';
import { workerData } from 'node:worker_threads';
import { silenceFfmpeg } from '../../ffmpeg.ts';
import type { WorkerStart } from '../../messages.ts';
import { realDisk, type RecorderDisk } from '../camera-writer.ts';
import { RecorderWorker } from '../recorder-worker.ts';
import { pipeOf } from './blocked-disk.ts';

const start = workerData as WorkerStart;
let pipe: number | null = null;

const blockedDisk: RecorderDisk = {
  ...realDisk,
  openSegment: (path, codec) => {
    const open = (pipe ??= openSync(pipeOf(path), 'w'));
    const file = realDisk.openSegment(path, codec);
    return {
      write: (packet) => {
        const { data } = packet;
        for (let at = 0; at < data.byteLength;) at += writeSync(open, data, at);
        file.write(packet);
      },
      close: () => {
        file.close();
      },
      abandon: () => {
        file.abandon();
      },
      get durationMs() {
        return file.durationMs;
      },
    };
  },
};

if (start.role.name === 'recorder') {
  silenceFfmpeg();
  void new RecorderWorker(start.port, blockedDisk).run().finally(() => {
    start.port.close();
  });
} else {
  await import('../../worker.ts');
}
