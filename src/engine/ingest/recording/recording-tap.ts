import { AV_CODEC_ID_RAWVIDEO } from 'node-av/constants';
import type { Packet, Stream } from 'node-av/lib';
import type { MessagePort } from 'node:worker_threads';
import type { Clock } from '../../../core/ports.ts';
import { PacketTimes } from '../../../core/recording/packet-times.ts';
import type { PacketTap } from '../packet-tap.ts';
import { PreRoll } from './pre-roll.ts';
import { sameCodec, codecOf, sourceTimeOf } from './packet-facts.ts';
import { RecorderLoad } from './recorder-load.ts';
import type { CodecFacts, FromTap, RecordedPacket, TapOrder } from './recorder-messages.ts';

/**
 * Copies a camera's packets to the recorder, on the camera's own thread: it never waits. Around events the last seconds
 * are held back here until something happens. Where the disk does not keep up, packets are left out and counted until a
 * keyframe finds room again.
 */
export class RecordingTap implements PacketTap {
  readonly #clock: Clock;
  readonly #times = new PacketTimes();
  readonly #held = new PreRoll();
  #tap: { readonly mode: TapOrder['mode']; readonly port: MessagePort; readonly load: RecorderLoad } | null = null;
  #timeBaseMs = 0;
  #codec: CodecFacts | null = null;
  /** Waits for a keyframe before it sends anything (again). */
  #waitsForKey = true;
  /** It waits because the disk does not keep up: what passes meanwhile is left out. */
  #isBehind = false;
  /** On the clock that does not jump: an operator or a time server may set the other one. */
  #untilMonoMs = -Infinity;
  /** Around events: packets go through. */
  #through = false;
  /** Its pictures come as they are, uncompressed: no file of them would be kept for long. */
  #isRaw = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Replaces an earlier order, whose recorder is gone. */
  start(tap: TapOrder): void {
    this.#tap?.port.close();
    this.#tap = { mode: tap.mode, port: tap.packets, load: new RecorderLoad(tap.load) };
    this.#waitsForKey = true;
    this.#isBehind = false;
    this.#through = tap.mode === 'continuous';
    this.#held.clear();
    if (this.#isRaw) this.nothingToRecord();
    else if (this.#codec !== null) this.#send({ type: 'codec', codec: this.#codec });
  }

  /** Around events: from what is held on, until so long from now. */
  recordFor(forMs: number): void {
    this.#untilMonoMs = Math.max(this.#untilMonoMs, this.#clock.monoMs() + forMs);
  }

  /** The source makes its pictures itself. */
  nothingToRecord(): void {
    this.#isRaw = true;
    this.#send({ type: 'break', atMs: this.#clock.epochMs(), reason: 'not-recordable' });
  }

  opened(stream: Stream): void {
    this.#timeBaseMs = (1000 * stream.timeBase.num) / stream.timeBase.den;
    this.#isRaw = stream.codecpar.codecId === AV_CODEC_ID_RAWVIDEO;
    if (this.#isRaw) {
      this.nothingToRecord();
      return;
    }
    const codec = codecOf(stream);
    if (this.#codec !== null && sameCodec(codec, this.#codec)) return;
    this.#codec = codec;
    // What was held is of another kind than what follows.
    this.#held.clear();
    this.#waitsForKey = true;
    this.#send({ type: 'codec', codec });
  }

  packet(packet: Packet, arrivedMonoMs: number | null): void {
    if (this.#tap === null || this.#isRaw) return;
    const data = packet.data;
    if (data === null || data.byteLength === 0) return;
    const nowMonoMs = this.#clock.monoMs();
    const monoMs = arrivedMonoMs ?? nowMonoMs;
    const time = this.#times.next(sourceTimeOf(packet, this.#timeBaseMs), monoMs);
    // As its picture is stamped, so that results lie on the footage they belong to.
    const atMs = Math.round(this.#clock.epochMs() - (nowMonoMs - monoMs));
    const recorded: RecordedPacket = { ...time, data: new Uint8Array(data), isKey: packet.isKeyframe, atMs };
    if (this.#tap.mode === 'events') this.#aroundEvents(recorded);
    else this.#pass(recorded);
  }

  close(): void {
    this.#send({ type: 'end', atMs: this.#clock.epochMs() });
    this.#tap?.port.close();
    this.#tap = null;
  }

  #aroundEvents(packet: RecordedPacket): void {
    const wanted = this.#clock.monoMs() <= this.#untilMonoMs;
    // It ends at a keyframe, which is the first that is held for the next event: nothing falls between the two.
    if (this.#through && !wanted && packet.isKey) {
      this.#through = false;
      this.#waitsForKey = true;
      this.#isBehind = false;
      this.#send({ type: 'break', atMs: packet.atMs, reason: 'no-event' });
    }
    if (!this.#through) this.#held.add(packet);
    if (wanted && !this.#through) {
      this.#through = true;
      for (const held of this.#held.take()) this.#pass(held);
    } else if (this.#through) {
      this.#pass(packet);
    }
  }

  #pass(packet: RecordedPacket): void {
    const tap = this.#tap;
    if (tap === null) return;
    if (this.#waitsForKey && !packet.isKey) {
      if (this.#isBehind) tap.load.leftOut();
      return;
    }
    // After it was full, half of it is free again before a keyframe goes through: no flutter of one-second files.
    const { mostBytes } = tap.load;
    const bound = this.#waitsForKey ? mostBytes / 2 : mostBytes;
    if (tap.load.waitingBytes + packet.data.byteLength > bound) {
      tap.load.leftOut();
      if (!this.#waitsForKey) this.#send({ type: 'break', atMs: packet.atMs, reason: 'disk-slow' });
      this.#waitsForKey = this.#isBehind = true;
      return;
    }
    this.#waitsForKey = this.#isBehind = false;
    tap.load.sent(packet.data.byteLength);
    tap.port.postMessage({ type: 'packet', packet } satisfies FromTap, [packet.data.buffer]);
  }

  #send(message: FromTap): void {
    this.#tap?.port.postMessage(message);
  }
}
