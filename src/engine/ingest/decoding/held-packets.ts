import type { Packet } from 'node-av/lib';

/** Of one camera: ten seconds at 30 a second, or what a camera sends in as long. */
const mostPackets = 300;
const mostBytes = 8 * 2 ** 20;

/**
 * The packets since the newest keyframe, so that another decoder can go on where one has failed. They share the memory of
 * those that were read. A group that is longer is not held: the other decoder then begins with the next keyframe.
 */
export class HeldPackets {
  #packets: Packet[] = [];
  #bytes = 0;
  #isWhole = false;

  add(packet: Packet): void {
    if (packet.isKeyframe) {
      this.clear();
      this.#isWhole = true;
    }
    if (!this.#isWhole) return;
    const copy = this.#packets.length < mostPackets && this.#bytes + packet.size <= mostBytes ? packet.clone() : null;
    if (copy === null) {
      this.clear();
      return;
    }
    this.#packets.push(copy);
    this.#bytes += copy.size;
  }

  /** They are the caller's from now on. */
  take(): Packet[] {
    const packets = this.#packets;
    this.#packets = [];
    this.clear();
    return packets;
  }

  clear(): void {
    for (const packet of this.#packets) packet.free();
    this.#packets = [];
    this.#bytes = 0;
    this.#isWhole = false;
  }
}
