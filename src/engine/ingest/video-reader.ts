import { setTimeout as sleep } from 'node:timers/promises';
import {
  AVDISCARD_ALL,
  AVERROR_EOF,
  AVERROR_INVALIDDATA,
  AVFMT_FLAG_NONBLOCK,
  AVMEDIA_TYPE_VIDEO,
  AVSEEK_FLAG_BACKWARD,
} from 'node-av/constants';
import { Dictionary, FormatContext, Frame, Packet, type InputFormat } from 'node-av/lib';
import type { HardwareUse } from './decoding/hardware-use.ts';
import { isDamaged, PictureDecoder } from './decoding/picture-decoder.ts';
import { ffmpegWords, noTimestamp, tryAgain } from './ffmpeg.ts';
import { MediaFault } from './media-fault.ts';
import type { PacketTap } from './packet-tap.ts';
import { describe, isStillUnknown } from './stream-facts.ts';
import type { QuarterTurns } from './quarter-turns.ts';

/** What was read while it was opened does not tell how large its pictures are. */
export class SizeUnknown extends MediaFault {
  constructor() {
    super('unreadable', 'The camera ended the stream, or sent no whole picture, before it could be shown.');
  }
}

export interface OpenOptions {
  /**
   * Of a device of this machine: what reads it. It says at its opening what it sends, so it is not probed, and a read
   * answers at once whether a picture is there.
   */
  readonly device?: InputFormat;
  /** AVOptions of protocols and demuxers. */
  readonly options: Readonly<Record<string, string>>;
  readonly maxPixels: number;
  /** True: damaged pictures are an error where they are (an archive). False: they are passed over (a camera). */
  readonly strict: boolean;
  /** Pictures that need others are passed over without being decoded. */
  readonly keyframesOnly?: boolean;
  readonly tap?: PacketTap | undefined;
  /** Left out: the processor decodes it. */
  readonly hardware?: HardwareUse | undefined;
  /** The words for FFmpeg's error numbers: a disk and a camera fail differently. */
  readonly openFault: (code: number) => MediaFault;
  readonly readFault: (code: number) => MediaFault;
  /** Given the address that is open after all; what it throws ends the opening. */
  readonly opened?: (address: string) => void;
  /** Left out: the words for a file. */
  readonly noVideo?: (streams: number) => MediaFault;
}

export interface VideoFacts {
  /** As shown: after the container's rotation. */
  readonly width: number;
  readonly height: number;
  readonly turns: QuarterTurns;
  readonly codec: string;
  readonly fps: number | null;
  readonly durationMs: number | null;
  /** Of one tick of its time stamps, in seconds. */
  readonly timeBase: { readonly numerator: number; readonly denominator: number };
}

export interface DecodedFrame {
  /** Valid until the next call of the reader. */
  readonly frame: Frame;
  /** Presentation time in ticks of the time base, on the container's own clock; null where it has none. */
  readonly pts: number | null;
}

/** Containers whose index leads to a keyframe at or before a time. In others a cursor is reached by decoding up to it. */
const indexedContainers = /^(mov,|matroska,)/;

/** Without any time stamps: FFmpeg makes some up, as if there were 25 pictures a second. */
const untimedFormats: ReadonlySet<string> = new Set(['mpjpeg', 'mjpeg', 'jpeg_pipe']);

/** A device has no picture yet: it is asked again. Its pictures come at most so much later than they were there. */
const devicePauseMs = 4;

/** Errors before the first good frame are forgiven for so many packets: recordings may begin between two keyframes. */
const forgivenPackets = 2000;

/**
 * One video stream, decoded synchronously on the calling thread: by hardware where that is wanted and works, else with one
 * decoder thread. Frames come in presentation
 * order. A reader is used by one thread and closed by its owner.
 */
export class VideoReader {
  readonly facts: VideoFacts;
  readonly #format: FormatContext;
  readonly #decoder: PictureDecoder;
  readonly #stream: number;
  readonly #packet = new Packet();
  readonly #frame = new Frame();
  readonly #onPacket: () => void;
  readonly #isDevice: boolean;
  readonly #strict: boolean;
  readonly #tap: PacketTap | null;
  readonly #readFault: (code: number) => MediaFault;
  readonly #signal: AbortSignal | null;
  /** Of the packet that was read last, for whoever hears of the packets; null: nobody knows. */
  packetArrivedMonoMs: number | null = null;
  #started = false;
  #draining = false;
  /** Errors since the last good frame. */
  #forgiven = 0;
  /** A packet was read ahead and not yet decoded. */
  #packetWaits = false;
  #closed = false;

  /**
   * @param address what FFmpeg opens, e.g. `file:/night/yard.mp4`.
   * @param onPacket called after every read: progress, and the place where a stop is noticed (by throwing).
   * @throws MediaFault
   */
  static open(address: string, open: OpenOptions, onPacket: () => void = () => {}): VideoReader {
    const format = new FormatContext();
    const opened = format.openInputSync(address, null, Dictionary.fromObject({ ...open.options }));
    if (opened < 0) throw open.openFault(opened);
    const probed = format.findStreamInfoSync(null);
    if (probed >= 0) return new VideoReader(format, open, onPacket, null);
    format.closeInputSync();
    throw open.openFault(probed);
  }

  /**
   * As `open`, for sources that may be silent for ever: nothing blocks the thread, and the signal ends this and every
   * later `readAhead` within a tenth of a second. They then throw its reason.
   */
  static async connect(
    address: string,
    open: OpenOptions,
    { signal, onAnswer }: { readonly signal: AbortSignal; readonly onAnswer: () => void },
  ): Promise<VideoReader> {
    const format = new FormatContext();
    // FFmpeg learns how it is interrupted where a context is made; one that `openInput` makes by itself never does.
    format.allocContext();
    const device = open.device ?? null;
    if (device !== null) format.setFlags(AVFMT_FLAG_NONBLOCK);
    const interrupt = (): void => {
      format.interrupt();
    };
    signal.addEventListener('abort', interrupt, { once: true });
    try {
      signal.throwIfAborted();
      const opened = await format.openInput(address, device, Dictionary.fromObject({ ...open.options }));
      signal.throwIfAborted();
      if (opened < 0) throw open.openFault(opened);
      open.opened?.(format.url ?? address);
      onAnswer();
      // A device says at its opening what it sends.
      if (device === null || isStillUnknown(format)) {
        const probed = await format.findStreamInfo(null);
        signal.throwIfAborted();
        if (probed < 0) throw open.openFault(probed);
        // Never probed a second time: FFmpeg has thrown away by then what it counts in, and the process ends.
        if (isStillUnknown(format)) throw new SizeUnknown();
      }
    } catch (error) {
      signal.removeEventListener('abort', interrupt);
      format.closeInputSync();
      throw error;
    }
    return new VideoReader(format, open, () => {}, signal);
  }

  private constructor(format: FormatContext, open: OpenOptions, onPacket: () => void, signal: AbortSignal | null) {
    this.#format = format;
    this.#onPacket = onPacket;
    this.#signal = signal;
    this.#isDevice = open.device !== undefined;
    this.#strict = open.strict;
    this.#tap = open.tap ?? null;
    this.#readFault = open.readFault;
    try {
      this.#stream = this.#format.findBestStream(AVMEDIA_TYPE_VIDEO);
      const stream = this.#format.streams[this.#stream];
      if (this.#stream < 0 || stream === undefined) {
        throw (open.noVideo ?? nothingToShow)(this.#format.streams.length);
      }
      for (const other of this.#format.streams) if (other.index !== this.#stream) other.discard = AVDISCARD_ALL;
      this.#decoder = new PictureDecoder(stream, open.maxPixels, open.hardware ?? null, open.keyframesOnly);
      this.facts = describe(this.#format, stream, this.#decoder.codec);
      this.#packet.alloc();
      this.#frame.alloc();
      this.#tap?.opened(stream);
    } catch (error) {
      this.#format.closeInputSync();
      throw error;
    }
  }

  /** Whether `seek` may be used; where not, frames before the cursor are decoded and passed over. */
  get seekable(): boolean {
    return indexedContainers.test(this.#format.iformat?.name ?? '');
  }

  /** Its packets say when they are to be shown; false: what they say of it is made up. */
  get isTimed(): boolean {
    return !untimedFormats.has(this.#format.iformat?.name ?? '');
  }

  /** What carries an RTSP camera's packets; null for everything else. */
  get transport(): string | null {
    return this.#format.getRTSPStreamInfo()?.find(({ streamIndex }) => streamIndex === this.#stream)?.transport ?? null;
  }

  /** The packet that was read last, until the decoder has it. */
  get packet(): Packet {
    return this.#packet;
  }

  /** The next frame, or null at the end. @throws MediaFault where the stream breaks in the middle. */
  next(): DecodedFrame | null {
    for (;;) {
      const frame = this.decoded();
      if (frame !== undefined) return frame;
      if (this.#read()) this.#packetWaits = true;
      else this.#drain();
    }
  }

  /** Reads the next packet of the video for `decoded`, without blocking the thread. @returns false at the end. */
  async readAhead(): Promise<boolean> {
    for (;;) {
      this.#signal?.throwIfAborted();
      const read = this.#isDevice
        ? this.#format.readFrameSync(this.#packet)
        : await this.#format.readFrame(this.#packet);
      this.#signal?.throwIfAborted();
      if (this.#isDevice && read === tryAgain) await sleep(devicePauseMs);
      if (read === AVERROR_EOF) return false;
      if (this.#isTaken(read)) {
        this.#packetWaits = true;
        return true;
      }
    }
  }

  /** The packet that was read ahead goes to the tap and not to the decoder. */
  pass(): void {
    this.#packetWaits = false;
    this.#tap?.packet(this.#packet, this.packetArrivedMonoMs);
    this.#packet.unref();
  }

  /** The next frame out of what has been read, or null at the end; undefined: another packet has to be read. */
  decoded(): DecodedFrame | null | undefined {
    for (;;) {
      const received = this.#decoder.receive(this.#frame);
      if (received >= 0) {
        if (this.#isDamaged()) {
          if (this.#strict && !this.#endsHere()) throw decodeFault(AVERROR_INVALIDDATA);
          continue;
        }
        this.#started = true;
        this.#forgiven = 0;
        const pts = this.#frame.bestEffortTimestamp;
        return { frame: this.#frame, pts: pts === noTimestamp ? null : Number(pts) };
      }
      if (received === AVERROR_EOF || this.#draining) return this.#end();
      if (received !== tryAgain) {
        if (!this.#mayGoOn()) throw decodeFault(received);
      } else if (this.#packetWaits) {
        this.#send();
      } else {
        return undefined;
      }
    }
  }

  /**
   * Goes to a keyframe at or before the time stamp; decoding continues from there. An index sorted by decoding time may
   * lead to a keyframe that is shown later than asked, so the packet found is looked at and an earlier one is tried.
   * @returns false where no such keyframe is found; the reader is then of no more use.
   */
  seek(pts: number): boolean {
    const { numerator, denominator } = this.facts.timeBase;
    for (const backSeconds of [0, 0.5, 5, 60]) {
      const ticks = pts - Math.round((backSeconds * denominator) / numerator);
      if (this.#format.seekFrameSync(this.#stream, BigInt(ticks), AVSEEK_FLAG_BACKWARD) < 0) return false;
      this.#decoder.flush();
      this.#draining = false;
      this.#started = false;
      this.#packetWaits = false;
      this.#packet.unref();
      if (!this.#read()) return false;
      this.#packetWaits = true;
      const found = this.#packet.pts;
      if (this.#packet.isKeyframe && found !== noTimestamp && Number(found) <= pts) return true;
    }
    return false;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#packet.free();
    this.#frame.free();
    this.#decoder.close();
    this.#format.closeInputSync();
  }

  /** Gives the decoder the packet that waits. */
  #send(): void {
    this.#packetWaits = false;
    this.#tap?.packet(this.#packet, this.packetArrivedMonoMs);
    const sent = this.#decoder.send(this.#packet);
    this.#packet.unref();
    if (sent < 0 && sent !== tryAgain && !this.#mayGoOn()) throw decodeFault(sent);
  }

  /** Reads the next packet of the video stream; false at the end. */
  #read(): boolean {
    if (this.#packetWaits) {
      this.#packetWaits = false;
      return true;
    }
    for (;;) {
      const read = this.#format.readFrameSync(this.#packet);
      if (read === AVERROR_EOF) return false;
      if (this.#isTaken(read)) return true;
    }
  }

  /** What was read is a packet of the video. @throws MediaFault where the reading failed. */
  #isTaken(read: number): boolean {
    this.#onPacket();
    if (read === tryAgain) return false;
    if (read < 0) throw this.#readFault(read);
    if (this.#packet.streamIndex === this.#stream) return true;
    this.#packet.unref();
    return false;
  }

  #isDamaged(): boolean {
    return this.#started && isDamaged(this.#frame);
  }

  /** After an error: before the first frame one looks further; at the very end a cut-off tail is simply the end. */
  #mayGoOn(): boolean {
    if (!this.#strict || !this.#started) return ++this.#forgiven <= forgivenPackets;
    return this.#endsHere();
  }

  #endsHere(): boolean {
    if (this.#draining) return true;
    if (this.#read()) {
      this.#packet.unref();
      return false;
    }
    this.#drain();
    return true;
  }

  #drain(): void {
    this.#draining = true;
    this.#decoder.send(null);
  }

  #end(): null {
    if (!this.#started) throw new MediaFault('undecodable', 'Not one picture of this video could be decoded.');
    return null;
  }
}

function nothingToShow(streams: number): MediaFault {
  return streams === 0
    ? new MediaFault('undecodable', 'Its index is missing or damaged: the recording was probably cut off.')
    : new MediaFault('unsupported', 'There is no video in it.');
}

function decodeFault(code: number): MediaFault {
  return new MediaFault('undecodable', `The picture data is damaged here: ${ffmpegWords(code)}.`);
}
