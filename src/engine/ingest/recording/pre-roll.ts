import { recordedHz } from '../../../core/recording/packet-times.ts';
import { preRollMs } from '../../../shared/domain/recording.ts';
import type { RecordedPacket } from './recorder-messages.ts';

/** Of a camera with a huge rate less than the pre-roll is held. */
const mostHeldBytes = 16 * 1024 * 1024;
/** Counted on the packets' own time, which never jumps. */
const preRollTicks = (preRollMs * recordedHz) / 1000;

/** The last seconds of packets: whole groups of pictures, so that what is taken begins with a keyframe. */
export class PreRoll {
  #packets: RecordedPacket[] = [];
  #bytes = 0;

  add(packet: RecordedPacket): void {
    if (this.#packets.length === 0 && !packet.isKey) return;
    this.#packets.push(packet);
    this.#bytes += packet.data.byteLength;
    for (;;) {
      const next = this.#packets.findIndex(({ isKey }, index) => index > 0 && isKey);
      const second = this.#packets[next];
      if (this.#bytes > mostHeldBytes) this.#drop(second === undefined ? this.#packets.length : next);
      else if (second !== undefined && second.dts <= packet.dts - preRollTicks) this.#drop(next);
      else return;
    }
  }

  /** All of it, oldest first; nothing is held afterwards. */
  take(): readonly RecordedPacket[] {
    const packets = this.#packets;
    this.clear();
    return packets;
  }

  clear(): void {
    this.#packets = [];
    this.#bytes = 0;
  }

  #drop(count: number): void {
    for (const { data } of this.#packets.splice(0, count)) this.#bytes -= data.byteLength;
  }
}
