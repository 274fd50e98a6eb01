import { workerData } from 'node:worker_threads';
import { CameraWorker } from '../camera-worker.ts';
import { ControlBlock } from '../control-block.ts';
import { silenceFfmpeg } from '../ffmpeg.ts';
import type { WorkerStart } from '../messages.ts';
import { fakeHardware } from './fake-hardware.ts';

/** The ingest worker on a machine with made-up hardware; it opens cameras only. */
const { role, port, control } = workerData as WorkerStart;
if (role.name !== 'camera') throw new Error(`this worker opens cameras, and is no ${role.name}`);
silenceFfmpeg();
await new CameraWorker(port, new ControlBlock(control), role.camera, role.maxPixels, fakeHardware).run().finally(() => {
  port.close();
});
