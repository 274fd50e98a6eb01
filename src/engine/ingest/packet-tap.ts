import type { Packet, Stream } from 'node-av/lib';

/** Hears of every packet that a reader gives its decoder, in decoding order. */
export interface PacketTap {
  /** The stream that the following packets come from; again for every loop of a file. */
  opened(stream: Stream): void;
  /** Valid during the call only. @param arrivedMonoMs when it came from the network; null: it is read from a file. */
  packet(packet: Packet, arrivedMonoMs: number | null): void;
}

/** One tap for several hearers. */
export function tapForAll(taps: readonly PacketTap[]): PacketTap {
  return {
    opened(stream) {
      for (const tap of taps) tap.opened(stream);
    },
    packet(packet, arrivedMonoMs) {
      for (const tap of taps) tap.packet(packet, arrivedMonoMs);
    },
  };
}
