import { once } from 'node:events';
import type { MessagePort } from 'node:worker_threads';
import type { RecordingNews } from '../../../shared/engine/protocol.ts';
import { machineClock } from '../clock.ts';
import { CameraWriter, realDisk, type RecorderDisk } from './camera-writer.ts';
import { RecorderLoad } from './recorder-load.ts';
import type { FromRecorder, FromTap, ToRecorder } from './recorder-messages.ts';

/**
 * The thread that writes: all cameras' packets, one after the other. A disk that blocks blocks this thread alone; the
 * cameras' threads see in their `RecorderLoad` what waits, and leave packets out when it is too much.
 */
export class RecorderWorker {
  readonly #port: MessagePort;
  readonly #disk: RecorderDisk;
  #writers = 0;
  #isFinishing = false;

  constructor(port: MessagePort, disk: RecorderDisk = realDisk) {
    this.#port = port;
    this.#disk = disk;
  }

  /** Ends after `finish`, when the last camera's port has ended. */
  async run(): Promise<void> {
    this.#port.on('message', (message: ToRecorder) => {
      if (message.type === 'attach') this.#attach(message);
      else this.#isFinishing = true;
      this.#endIfDone();
    });
    await once(this.#port, 'close');
  }

  #attach({ cameraId, order, packets, load: buffer }: Extract<ToRecorder, { type: 'attach' }>): void {
    const load = new RecorderLoad(buffer);
    const tell = (news: RecordingNews): void => {
      this.#port.postMessage({ type: 'recording', cameraId, news } satisfies FromRecorder);
    };
    const writer = new CameraWriter(order, machineClock, tell, this.#disk);
    this.#writers += 1;
    packets.on('message', (message: FromTap) => {
      writer.hear(message);
      if (message.type === 'packet') load.written(message.packet.data.byteLength);
    });
    packets.on('close', () => {
      writer.end();
      this.#writers -= 1;
      this.#endIfDone();
    });
  }

  #endIfDone(): void {
    if (this.#isFinishing && this.#writers === 0) this.#port.close();
  }
}
