import type { Packet, Stream } from 'node-av/lib';
import type { PacketTap } from './packet-tap.ts';

/**
 * Holds the packets of a source that is read ahead of its time, until the picture is due that came of them: what is recorded
 * then has the times of what is analysed.
 */
export class DuePackets implements PacketTap {
  readonly #next: PacketTap;
  #held: Packet[] = [];

  constructor(next: PacketTap) {
    this.#next = next;
  }

  opened(stream: Stream): void {
    this.#next.opened(stream);
  }

  packet(packet: Packet): void {
    const copy = packet.clone();
    if (copy !== null) this.#held.push(copy);
  }

  /** They are due now. */
  release(): void {
    for (const packet of this.#take()) {
      this.#next.packet(packet, null);
      packet.free();
    }
  }

  /** Nobody gets what is held. */
  close(): void {
    for (const packet of this.#take()) packet.free();
  }

  #take(): readonly Packet[] {
    const held = this.#held;
    this.#held = [];
    return held;
  }
}
