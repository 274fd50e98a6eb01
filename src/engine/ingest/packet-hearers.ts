import type { MessagePort } from 'node:worker_threads';
import { machineClock } from './clock.ts';
import type { ControlBlock } from './control-block.ts';
import type { FromCameraWorker, HearersMessage } from './messages.ts';
import { tapForAll } from './packet-tap.ts';
import { RecordingTap } from './recording/recording-tap.ts';
import { StreamTap } from './streaming/stream-tap.ts';

/** Messages with packets for viewers that may wait for the main thread: it does not turn while the device runs. */
const mostStreamWaiting = 64;

/** Who hears of a source's packets on its own thread: the recorder, and viewers that decode them themselves. */
export class PacketHearers {
  readonly #port: MessagePort;
  readonly #control: ControlBlock;
  readonly #recording = new RecordingTap(machineClock);
  readonly #streaming = new StreamTap();
  readonly tap = tapForAll([this.#recording, this.#streaming]);

  constructor(port: MessagePort, control: ControlBlock) {
    this.#port = port;
    this.#control = control;
  }

  hear(message: HearersMessage): void {
    switch (message.type) {
      case 'stream':
        this.#streaming.watch(message.on);
        return;
      case 'record':
        this.#recording.start(message.tap);
        return;
      case 'record-until':
        this.#recording.recordFor(message.forMs);
        return;
      case 'record-end':
        this.#recording.close();
    }
  }

  /** The source makes its pictures itself. */
  nothingToRecord(): void {
    this.#recording.nothingToRecord();
  }

  /** The packets up to this picture, for viewers. @param pts of the picture, in ticks of its stream */
  picture(pts: bigint, capturedAtMs: number, analysed: boolean): void {
    const room = this.#control.streamWaiting < mostStreamWaiting;
    const packets = this.#streaming.take(pts, capturedAtMs, analysed, room);
    if (packets === null) return;
    this.#control.streamSent();
    const message: FromCameraWorker = { type: 'packets', packets };
    this.#port.postMessage(
      message,
      packets.packets.map(({ data }) => data.buffer),
    );
  }

  close(): void {
    this.#recording.close();
  }
}
