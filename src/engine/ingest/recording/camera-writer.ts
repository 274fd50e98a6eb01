import { existsSync, mkdirSync, statfsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Clock } from '../../../core/ports.ts';
import { recordedHz } from '../../../core/recording/packet-times.ts';
import { stopBytes, type DiskSpace } from '../../../core/recording/retention.ts';
import { segmentName } from '../../../core/recording/segment-names.ts';
import type { GapReason } from '../../../shared/domain/recording.ts';
import type { RecordingNews, RecordingOrder } from '../../../shared/engine/protocol.ts';
import { invalidArgument, noSpace, quotaExceeded } from '../ffmpeg.ts';
import { mendRecording } from './mend-recording.ts';
import type { CodecFacts, FromTap, RecordedPacket } from './recorder-messages.ts';
import { SegmentFile, WriteFault } from './segment-file.ts';

/** How long a file is, if the camera sends keyframes. */
const segmentMs = 60_000;
/** Counted on the packets' own time: a clock that is set back must not make a file of an hour. */
const segmentTicks = (segmentMs * recordedHz) / 1000;
/** After a disk that was full or failed. */
const retryMs = 5_000;
/** A next file that begins this near to the end of the last one continues it. */
const continuesMs = 2_000;

/** What a test replaces to make a disk misbehave. */
export interface RecorderDisk {
  readonly openSegment: (
    path: string,
    codec: CodecFacts,
  ) => Pick<SegmentFile, 'write' | 'close' | 'abandon' | 'durationMs'>;
  readonly space: (folder: string) => DiskSpace;
  readonly sizeOf: (path: string) => number;
}

export const realDisk: RecorderDisk = {
  openSegment: (path, codec) => new SegmentFile(path, codec),
  space: (folder) => {
    const { bavail, blocks, bsize } = statfsSync(folder);
    return { freeBytes: bavail * bsize, totalBytes: blocks * bsize };
  },
  sizeOf: (path) => statSync(path).size,
};

interface OpenSegment {
  readonly file: string;
  readonly path: string;
  readonly startMs: number;
  readonly firstDts: number;
  readonly sink: ReturnType<RecorderDisk['openSegment']>;
}

/**
 * Writes one camera's packets into files of a minute. Whatever the disk does, it neither throws nor waits for it: the
 * file in work ends with its last whole fragment, the reason is told once, and a later keyframe tries again.
 */
export class CameraWriter {
  readonly #order: RecordingOrder;
  readonly #clock: Clock;
  readonly #tell: (news: RecordingNews) => void;
  readonly #disk: RecorderDisk;
  #codec: CodecFacts | null = null;
  #open: OpenSegment | null = null;
  #retryAtMonoMs = 0;
  #stopped: GapReason | null = null;

  constructor(order: RecordingOrder, clock: Clock, tell: (news: RecordingNews) => void, disk: RecorderDisk = realDisk) {
    this.#order = order;
    this.#clock = clock;
    this.#tell = tell;
    this.#disk = disk;
  }

  hear(message: FromTap): void {
    switch (message.type) {
      case 'codec':
        this.#close(null);
        this.#codec = message.codec;
        this.#retryAtMonoMs = 0;
        return;
      case 'packet':
        this.#packet(message.packet);
        return;
      case 'break':
        this.#close(null);
        this.#stop(message.atMs, message.reason, null);
        return;
      case 'end':
        this.end();
    }
  }

  /** The camera is closed, or its thread is gone. */
  end(): void {
    this.#close(null);
  }

  #packet(packet: RecordedPacket): void {
    if (packet.isKey && this.#open !== null && packet.dts - this.#open.firstDts >= segmentTicks) {
      this.#close(packet.atMs);
    }
    if (this.#open === null && !this.#begin(packet)) return;
    try {
      this.#open?.sink.write(packet);
    } catch (caught) {
      this.#fail(packet.atMs, caught);
    }
  }

  /** False: not now. */
  #begin(packet: RecordedPacket): boolean {
    const codec = this.#codec;
    if (codec === null || !packet.isKey || this.#clock.monoMs() < this.#retryAtMonoMs) return false;
    try {
      const { folder, thresholds } = this.#order;
      const { file, path } = this.#place(packet.atMs);
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      const space = this.#disk.space(folder);
      if (space.freeBytes < stopBytes(space, thresholds)) {
        this.#pause(packet.atMs, 'disk-full', null);
        return false;
      }
      const sink = this.#disk.openSegment(path, codec);
      this.#open = { file, path, startMs: packet.atMs, firstDts: packet.dts, sink };
      this.#stopped = null;
      this.#tell({ kind: 'opened', file, startMs: packet.atMs, codec: codec.name });
      return true;
    } catch (caught) {
      this.#fail(packet.atMs, caught);
      return false;
    }
  }

  /** Two files of one millisecond come from a clock that was set back; nothing is ever written over. */
  #place(startMs: number): { file: string; path: string } {
    for (let at = startMs; ; at++) {
      const file = segmentName(at);
      const path = join(this.#order.folder, file);
      if (!existsSync(path)) return { file, path };
    }
  }

  /** @param nextMs when the packet came that begins the next file; null: none does. */
  #close(nextMs: number | null): void {
    const open = this.#open;
    if (open === null) return;
    const { file, path, startMs, sink } = open;
    const byPacketsMs = startMs + sink.durationMs;
    const endMs = nextMs !== null && Math.abs(nextMs - byPacketsMs) <= continuesMs ? nextMs : byPacketsMs;
    try {
      sink.close();
      // A share that is gone by now may not even say how large it is: then it ends as one that could not be written.
      const bytes = this.#disk.sizeOf(path);
      this.#open = null;
      this.#tell({ kind: 'closed', file, startMs, endMs: Math.round(endMs), bytes });
    } catch (caught) {
      this.#fail(Math.round(endMs), caught);
    }
  }

  #fail(atMs: number, caught: unknown): void {
    const open = this.#open;
    this.#open = null;
    if (open !== null) {
      const { file, path, startMs, sink } = open;
      sink.abandon();
      const { bytes, durationMs } = mended(path);
      this.#tell({ kind: 'closed', file, startMs, endMs: Math.round(startMs + durationMs), bytes });
    }
    const reason = reasonOf(caught);
    this.#pause(atMs, reason, caught instanceof Error ? caught.message : String(caught));
    // Only another codec can help.
    if (reason === 'not-recordable') this.#retryAtMonoMs = Infinity;
  }

  #pause(atMs: number, reason: GapReason, detail: string | null): void {
    this.#retryAtMonoMs = this.#clock.monoMs() + retryMs;
    this.#stop(atMs, reason, detail);
  }

  #stop(atMs: number, reason: GapReason, detail: string | null): void {
    if (this.#stopped === reason) return;
    this.#stopped = reason;
    this.#tell({ kind: 'stopped', atMs, reason, detail });
  }
}

/** A disk that failed may fail here too: then the next start looks at the file. */
function mended(path: string): { bytes: number; durationMs: number } {
  try {
    return mendRecording(path);
  } catch {
    return { bytes: 0, durationMs: 0 };
  }
}

function reasonOf(caught: unknown): GapReason {
  if (caught instanceof WriteFault) {
    if (caught.code === noSpace || caught.code === quotaExceeded) return 'disk-full';
    return caught.step === 'header' && isOfContainer(caught.code) ? 'not-recordable' : 'disk-error';
  }
  const { code } = caught as NodeJS.ErrnoException;
  return code === 'ENOSPC' || code === 'EDQUOT' ? 'disk-full' : 'disk-error';
}

/** FFmpeg's own errors are four letters, far below those of a system: a disk that fails at the header may be back soon. */
const isOfContainer = (code: number): boolean => code === invalidArgument || code < -0xff_ffff;
