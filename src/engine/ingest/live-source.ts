import type { Frame } from 'node-av/lib';

/** A picture that a camera took. */
export interface LiveFrame {
  /** Valid until the next call. */
  readonly frame: Frame;
  /** Running media time since the camera was opened; never goes back, over loops and reconnects of the source too. */
  readonly timeMs: number;
  /** When it was captured, on the machine's monotonic clock. */
  readonly capturedMonoMs: number;
  /** For so long after that it could not be had; left out: it was there at once. */
  readonly heldMs?: number;
}

/** A packet that was handed on and not decoded. */
export interface PassedPacket {
  /** Of its picture, in ticks of its stream. */
  readonly pts: bigint;
  readonly capturedMonoMs: number;
}

export interface LiveFacts {
  readonly width: number;
  readonly height: number;
  readonly codec: string;
  /** What the source says of itself; null where it does not. */
  readonly fps: number | null;
  /** How a camera is read: tcp, udp, http or usb; null for files and patterns. */
  readonly transport: string | null;
}

/** An opened camera. Files and test patterns block their thread until a picture is due; a network source never does. */
export interface LiveSource {
  readonly facts: LiveFacts;
  /** @throws MediaFault when the source ends or fails, Stopped when the camera is closed. */
  next(): LiveFrame | Promise<LiveFrame>;
  close(): void;
}

/** How a source waits: blocks until the time on the monotonic clock. @throws Stopped */
export type Pause = (untilMonoMs: number) => void;

/** Thrown out of any wait or read once the camera is to be closed. */
export class Stopped extends Error {}
