import { closeSync, fsyncSync, openSync, rmSync } from 'node:fs';
import { AVMEDIA_TYPE_VIDEO } from 'node-av/constants';
import { Dictionary, FormatContext, Packet, Rational } from 'node-av/lib';
import { recordedHz } from '../../../core/recording/packet-times.ts';
import { ffmpegWords } from '../ffmpeg.ts';
import type { CodecFacts, RecordedPacket } from './recorder-messages.ts';

/** A write that the disk, or the container, refused. */
export class WriteFault extends Error {
  /** FFmpeg's number: negated errno for the disk's own. */
  readonly code: number;
  readonly step: 'open' | 'header' | 'packet';

  constructor(step: WriteFault['step'], code: number) {
    super(ffmpegWords(code));
    this.code = code;
    this.step = step;
  }
}

/** Enough to play on after a kill, without a header for every picture. */
const fragmentUs = 1_000_000;

const timeBase = new Rational(1, recordedHz);

/**
 * One file being written: fragmented MP4, a fragment a second, each handed to the system when it is whole. What a
 * process that is killed loses is the fragment it was gathering.
 */
export class SegmentFile {
  readonly #path: string;
  readonly #output = new FormatContext();
  readonly #packet = new Packet();
  #firstDts: number | null = null;
  #endTicks = 0;
  #isOver = false;

  /** @param path of a file that is not there yet. @throws WriteFault: then it is not there either. */
  constructor(path: string, codec: CodecFacts) {
    this.#path = path;
    check('open', this.#output.allocOutputContext2(null, 'mp4', `file:${path}`));
    try {
      const stream = this.#output.newStream();
      stream.timeBase = timeBase;
      const { codecpar } = stream;
      codecpar.codecType = AVMEDIA_TYPE_VIDEO;
      codecpar.codecId = codec.id as typeof codecpar.codecId;
      codecpar.width = codec.width;
      codecpar.height = codec.height;
      codecpar.format = codec.format as typeof codecpar.format;
      codecpar.profile = codec.profile as typeof codecpar.profile;
      codecpar.level = codec.level;
      if (codec.extradata !== null) codecpar.extradata = Buffer.from(codec.extradata);
      check('open', this.#output.openOutputSync());
      const options = Dictionary.fromObject({
        movflags: 'empty_moov+default_base_moof',
        frag_duration: String(fragmentUs),
        flush_packets: '1',
      });
      check('header', this.#output.writeHeaderSync(options));
      this.#packet.alloc();
    } catch (error) {
      this.abandon();
      this.#remove();
      throw error;
    }
  }

  /** From its first packet to the end of its last one. */
  get durationMs(): number {
    return this.#firstDts === null ? 0 : ((this.#endTicks - this.#firstDts) * 1000) / recordedHz;
  }

  /** @throws WriteFault: the file is then of no more use but for what is in it. */
  write({ data, isKey, dts, pts, duration }: RecordedPacket): void {
    this.#firstDts ??= dts;
    const packet = this.#packet;
    packet.data = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
    packet.streamIndex = 0;
    packet.isKeyframe = isKey;
    packet.dts = BigInt(dts - this.#firstDts);
    packet.pts = BigInt(pts - this.#firstDts);
    packet.duration = BigInt(duration);
    packet.timeBase = timeBase;
    const stream = this.#output.streams[0];
    if (stream !== undefined) packet.rescaleTs(timeBase, stream.timeBase);
    const written = this.#output.writeFrameSync(packet);
    packet.unref();
    check('packet', written);
    this.#endTicks = dts + duration;
  }

  /** Whole and on the disk when it returns. @throws WriteFault, or what the system says of the disk */
  close(): void {
    try {
      check('packet', this.#output.writeTrailerSync());
    } finally {
      this.abandon();
    }
    const file = openSync(this.#path, 'r+');
    try {
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  }

  /** Nothing is in it, and a disk that is full or failing is tried again every few seconds, for a night if need be. */
  #remove(): void {
    try {
      rmSync(this.#path, { force: true });
    } catch {
      // What it failed of is told; an empty file goes with the next start.
    }
  }

  /** Lets go of the file as it is. */
  abandon(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#output.closeOutputSync();
    this.#output.freeContext();
    this.#packet.free();
  }
}

function check(step: WriteFault['step'], code: number): void {
  if (code < 0) throw new WriteFault(step, code);
}
