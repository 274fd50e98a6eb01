import { workerData } from 'node:worker_threads';
import { ControlBlock } from './control-block.ts';
import { silenceFfmpeg } from './ffmpeg.ts';
import type { WorkerStart } from './messages.ts';

/** Entry of every ingest thread. Each role loads only what it needs: a camera's thread has no use for sharp. */
async function work({ role, port, control }: WorkerStart): Promise<void> {
  const block = new ControlBlock(control);
  silenceFfmpeg();
  try {
    switch (role.name) {
      case 'camera': {
        const { CameraWorker } = await import('./camera-worker.ts');
        await new CameraWorker(port, block, role.camera, role.maxPixels).run();
        break;
      }
      case 'archive': {
        const { ArchiveWorker } = await import('./archive-worker.ts');
        await new ArchiveWorker(port, block, role).run();
        break;
      }
      case 'pictures': {
        const { PicturesWorker } = await import('./pictures-worker.ts');
        await new PicturesWorker(port, block, role.maxPixels).run();
        break;
      }
      case 'recorder': {
        const { RecorderWorker } = await import('./recording/recorder-worker.ts');
        await new RecorderWorker(port).run();
        break;
      }
      case 'exporter': {
        const { runExport } = await import('./recording/exporter-worker.ts');
        runExport(port, role.order, () => block.stopped);
        break;
      }
      case 'mender': {
        const { runMender } = await import('./recording/mender-worker.ts');
        await runMender(port);
        break;
      }
      case 'look': {
        const { runLook } = await import('./look-worker.ts');
        await runLook(port, role);
        break;
      }
      case 'player': {
        const { PlayerWorker } = await import('./playback/player-worker.ts');
        new PlayerWorker(port, block, role.settings).run();
        break;
      }
      case 'stills': {
        const { StillsWorker } = await import('./stills-worker.ts');
        await new StillsWorker(port, block, role.maxPixels).run();
        break;
      }
    }
  } finally {
    port.close();
  }
}

// A throw here is a bug; it reaches the main thread as the worker's `error` event.
void work(workerData as WorkerStart);
