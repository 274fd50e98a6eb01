import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads';
import { AVSEEK_FLAG_BACKWARD } from 'node-av/constants';
import { FormatContext, Packet, type Stream } from 'node-av/lib';
import { manualClock, type ManualClock } from '../../../../core/testing/manual-clock.ts';
import { RecorderLoad } from '../recorder-load.ts';
import type { FromTap, TapOrder } from '../recorder-messages.ts';
import { RecordingTap } from '../recording-tap.ts';

/** Nothing is left to others. */
export const everything = { freeShare: 0, plentyBytes: 0, floorBytes: 0 } as const;

/** A file's packets as those of a camera that is recorded, on a clock of their own; nothing is decoded. */
export class TappedFile {
  readonly clock: ManualClock = manualClock();
  readonly load = RecorderLoad.upTo();
  readonly tap = new RecordingTap(this.clock);
  readonly #port;
  readonly #input = new FormatContext();
  readonly #packet = new Packet();
  readonly #stream: Stream;

  constructor(path: string, mode: TapOrder['mode'] = 'continuous') {
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    this.tap.start({ mode, packets: port2, load: this.load.buffer });
    this.#packet.alloc();
    const opened = this.#input.openInputSync(`file:${path}`, null, null);
    const stream = this.#input.streams[0];
    if (opened < 0 || this.#input.findStreamInfoSync(null) < 0 || stream === undefined) {
      throw new Error(`${path} cannot be read`);
    }
    this.#stream = stream;
    this.tap.opened(stream);
  }

  /** Plays on, over and over, as long as media time passes; what the tap said meanwhile. */
  play(ms: number): FromTap[] {
    const untilMs = this.clock.monoMs() + ms;
    const { num, den } = this.#stream.timeBase;
    while (this.clock.monoMs() < untilMs) {
      if (this.#input.readFrameSync(this.#packet) < 0) {
        this.#input.seekFrameSync(0, 0n, AVSEEK_FLAG_BACKWARD);
        this.tap.opened(this.#stream);
        continue;
      }
      this.tap.packet(this.#packet, null);
      this.clock.advanceTo(this.clock.monoMs() + (Number(this.#packet.duration) * 1000 * num) / den);
      this.#packet.unref();
    }
    return this.heard();
  }

  heard(): FromTap[] {
    const heard: FromTap[] = [];
    for (let next = receiveMessageOnPort(this.#port); next !== undefined; next = receiveMessageOnPort(this.#port)) {
      heard.push(next.message as FromTap);
    }
    return heard;
  }

  close(): FromTap[] {
    this.#packet.free();
    this.#input.closeInputSync();
    this.tap.close();
    const heard = this.heard();
    this.#port.close();
    return heard;
  }
}

/** What a file holds, read without decoding; throws where it cannot be read to its end. */
export function packetsIn(path: string): { packets: number; firstIsKey: boolean; durationMs: number } {
  const input = new FormatContext();
  const packet = new Packet();
  packet.alloc();
  try {
    if (input.openInputSync(`file:${path}`, null, null) < 0) throw new Error(`${path} cannot be opened`);
    if (input.findStreamInfoSync(null) < 0) throw new Error(`${path} cannot be read`);
    const tickMs = (1000 * (input.streams[0]?.timeBase.num ?? 0)) / (input.streams[0]?.timeBase.den ?? 1);
    let packets = 0;
    let firstIsKey = false;
    let firstMs = 0;
    let endMs = 0;
    while (input.readFrameSync(packet) >= 0) {
      if (packets === 0) firstIsKey = packet.isKeyframe;
      if (packets === 0) firstMs = Number(packet.dts) * tickMs;
      endMs = Number(packet.dts + packet.duration) * tickMs;
      packets += 1;
      packet.unref();
    }
    return { packets, firstIsKey, durationMs: endMs - firstMs };
  } finally {
    packet.free();
    input.closeInputSync();
  }
}
