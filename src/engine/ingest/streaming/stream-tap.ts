import { Codec, type Packet, type Stream } from 'node-av/lib';
import type { StreamConfig, StreamPacket } from '../../../shared/contract/stream.ts';
import { noTimestamp } from '../ffmpeg.ts';
import type { PacketTap } from '../packet-tap.ts';
import { decoderSetup, isStreamable, type DecoderSetup, type StreamParameters } from './stream-config.ts';
import type { StreamedPackets } from './stream-messages.ts';

/** Packets that may wait for a picture to come out of the decoder: far more than any decoder's delay. */
const mostHeldPackets = 64;
const mostHeldBytes = 8 * 1024 * 1024;
/** Between the last picture of a file and the first of its next loop, so that no time comes twice. */
const loopStepUs = 1_000_000;

/**
 * Copies a camera's packets for viewers that decode them themselves, on the camera's own thread. They go out with the
 * picture that the camera's own decoder made of them, so that files keep their pace and each picture's capture time is
 * known. Begins at a keyframe; what does not find room is left out up to the next one, and counted.
 */
export class StreamTap implements PacketTap {
  #isOn = false;
  #codec = '';
  #parameters: StreamParameters | null = null;
  #setup: DecoderSetup | null = null;
  #tickUs = 0;
  #offsetUs = 0;
  #lastUs: number | null = null;
  #packets: StreamPacket[] = [];
  #bytes = 0;
  /** Of the keyframe among the packets that wait. */
  #config: StreamConfig | null = null;
  #waitsForKey = true;
  #leftOut = 0;

  watch(on: boolean): void {
    if (on === this.#isOn) return;
    this.#isOn = on;
    this.#clear();
    this.#waitsForKey = true;
  }

  opened(stream: Stream): void {
    const { codecId, width, height, extradata } = stream.codecpar;
    this.#codec = Codec.findDecoder(codecId)?.name ?? '';
    this.#parameters = { width, height, extradata: extradata === null ? null : new Uint8Array(extradata) };
    this.#setup = null;
    this.#tickUs = (1_000_000 * stream.timeBase.num) / stream.timeBase.den;
    this.#offsetUs = this.#lastUs === null ? 0 : this.#lastUs + loopStepUs;
  }

  packet(packet: Packet): void {
    const timestampUs = this.#timeOf(packet.pts) ?? this.#timeOf(packet.dts);
    if (timestampUs !== null) this.#lastUs = Math.max(this.#lastUs ?? timestampUs, timestampUs);
    const data = packet.data;
    if (!this.#isOn || !isStreamable(this.#codec) || data === null || data.byteLength === 0) return;
    if (timestampUs === null) {
      // Without it what follows could not be decoded.
      this.#leaveOut();
      return;
    }
    const isKey = packet.isKeyframe;
    if (this.#waitsForKey && !isKey) return;
    if (isKey) {
      if (this.#parameters !== null) this.#setup = decoderSetup(this.#codec, this.#parameters, data) ?? this.#setup;
      this.#config = this.#setup?.config ?? null;
    }
    // A keyframe whose parameter sets nobody knows: a later one may bring them.
    this.#waitsForKey = isKey && this.#setup === null;
    if (this.#waitsForKey) return;
    const copy = isKey ? joined(this.#setup?.prefix ?? null, data) : new Uint8Array(data);
    this.#packets.push({ isKey, timestampUs, data: copy });
    this.#bytes += copy.byteLength;
    if (this.#packets.length > mostHeldPackets || this.#bytes > mostHeldBytes) this.#leaveOut();
  }

  /**
   * What has come since the last picture, with the capture time of this one; null: nobody wants it, or there is nothing.
   * @param pts of this picture, in ticks of the stream
   * @param room false: whoever takes it does not keep up.
   */
  take(pts: bigint, capturedAtMs: number, analysed: boolean, room: boolean): StreamedPackets | null {
    if (!this.#isOn || this.#tickUs === 0) return null;
    if (!room) {
      this.#leaveOut();
      return null;
    }
    const timestampUs = this.#timeOf(pts);
    const packets = this.#packets;
    const leftOut = this.#leftOut;
    if (packets.length === 0 && (this.#waitsForKey || timestampUs === null)) return null;
    const config = this.#config;
    this.#clear();
    this.#leftOut = 0;
    return { config, packets, stamps: timestampUs === null ? [] : [{ timestampUs, capturedAtMs, analysed }], leftOut };
  }

  #timeOf(ticks: bigint): number | null {
    return ticks === noTimestamp ? null : Math.round(Number(ticks) * this.#tickUs) + this.#offsetUs;
  }

  #leaveOut(): void {
    this.#leftOut += this.#packets.length;
    this.#clear();
    this.#waitsForKey = true;
  }

  #clear(): void {
    this.#packets = [];
    this.#bytes = 0;
    this.#config = null;
  }
}

function joined(prefix: Uint8Array | null, data: Uint8Array): Uint8Array<ArrayBuffer> {
  const before = prefix?.byteLength ?? 0;
  const out = new Uint8Array(before + data.byteLength);
  if (prefix !== null) out.set(prefix);
  out.set(data, before);
  return out;
}
