import { AV_FRAME_FLAG_CORRUPT, AVERROR_EOF, AVERROR_INVALIDDATA } from 'node-av/constants';
import { Codec, CodecContext, Frame, type Packet, type Stream } from 'node-av/lib';
import {
  afterPacket,
  justShown,
  nothingSent,
  whyGivenUp,
  type DeviceAnswer,
  type DeviceRecord,
} from '../../../core/decoding/device-record.ts';
import { ffmpegWords, noTimestamp, tryAgain } from '../ffmpeg.ts';
import { MediaFault } from '../media-fault.ts';
import { tooLarge } from '../too-large.ts';
import type { DeviceDecoder } from './hardware-device.ts';
import type { HardwareUse } from './hardware-use.ts';
import { HeldPackets } from './held-packets.ts';

/** What a decoder has to know of a stream; it is not copied. */
export type CodedStream = Pick<Stream, 'codecpar' | 'timeBase'>;

/**
 * The decoder of one video stream: hardware where it is to be used and works, else one thread of the processor. It is asked
 * as FFmpeg's decoders are, and answers with their numbers; pictures come in the machine's memory. Where hardware fails, the
 * processor takes over within the same call and decodes again what the device has swallowed, so that no picture is missing as
 * long as the packets since the newest keyframe are held.
 */
export class PictureDecoder {
  /** The processor's: its name is that of the codec. */
  readonly codec: Codec;
  readonly #stream: CodedStream;
  readonly #use: HardwareUse | null;
  readonly #keyframesOnly: boolean;
  #context: CodecContext;
  #device: DeviceDecoder | null = null;
  readonly #onDevice = new Frame();
  readonly #held = new HeldPackets();
  #record: DeviceRecord = nothingSent;
  /** The newest picture of the device, and how many it gave since its newest keyframe. */
  #newestPts = noTimestamp;
  #given = 0;
  /** What the processor has to decode again, and how many of the pictures in it are known. */
  #again: Packet[] = [];
  #knownPictures = 0;
  #isDraining = false;
  #endIsDue = false;

  /**
   * @param use null: hardware is not asked.
   * @param keyframesOnly pictures that need others are passed over without being decoded; the processor alone does that
   * @throws MediaFault
   */
  constructor(stream: CodedStream, maxPixels: number, use: HardwareUse | null, keyframesOnly = false) {
    const { codecId, width, height } = stream.codecpar;
    if (width * height > maxPixels) throw tooLarge(width, height, maxPixels);
    const codec = Codec.findDecoder(codecId);
    if (codec === null) throw new MediaFault('unsupported', 'The video is in a codec that cannot be decoded here.');
    this.codec = codec;
    this.#stream = stream;
    this.#use = keyframesOnly ? null : use;
    this.#keyframesOnly = keyframesOnly;
    this.#context = this.#openOnDevice() ?? this.#openOnProcessor();
    this.#onDevice.alloc();
  }

  /** @param packet null: there are no more. */
  send(packet: Packet | null): number {
    if (packet === null) this.#isDraining = true;
    if (this.#device === null) return this.#context.sendPacketSync(packet);
    if (packet !== null) {
      if (packet.isKeyframe) this.#given = 0;
      this.#held.add(packet);
      this.#record = afterPacket(this.#record, packet.isKeyframe);
    }
    const sent = this.#context.sendPacketSync(packet);
    const why = whyGivenUp(this.#record, answerOf(sent));
    if (why === null) return sent;
    this.#toProcessor(why);
    return 0;
  }

  receive(frame: Frame): number {
    for (;;) {
      const received = this.#device === null ? this.#context.receiveFrameSync(frame) : this.#fetch(this.#device, frame);
      if (received >= 0) {
        if (!this.#isKnown(frame)) return received;
      } else if (received !== tryAgain || !this.#sendAgain()) {
        return received;
      }
    }
  }

  /** What it holds is forgotten: another place of the video follows. */
  flush(): void {
    this.#context.flushBuffers();
    this.#forget();
    this.#isDraining = false;
  }

  close(): void {
    this.#forget();
    this.#onDevice.free();
    this.#context.freeContext();
  }

  #openOnDevice(): CodecContext | null {
    const device = this.#use?.decoderOf(this.codec) ?? null;
    if (device === null) return null;
    try {
      const opened = open(device.codec, this.#stream, (context) => {
        device.attach(context);
      });
      if (typeof opened !== 'number') {
        this.#device = device;
        return opened;
      }
      this.#use?.giveUp(`refuses this stream: ${ffmpegWords(opened)}`);
    } catch (error) {
      this.#use?.giveUp(`cannot be used: ${error instanceof Error ? error.message : String(error)}`);
    }
    return null;
  }

  /** @throws MediaFault */
  #openOnProcessor(): CodecContext {
    const opened = open(this.codec, this.#stream, (context) => {
      if (this.#keyframesOnly) context.setOption('skip_frame', 'nokey');
    });
    if (typeof opened !== 'number') return opened;
    throw new MediaFault(
      'unsupported',
      `The ${this.codec.name ?? 'video'} decoder refuses it: ${ffmpegWords(opened)}.`,
    );
  }

  /** A picture of the device, brought into memory. */
  #fetch(device: DeviceDecoder, frame: Frame): number {
    const picture = this.#onDevice;
    const received = this.#context.receiveFrameSync(picture);
    if (received < 0) {
      const why = whyGivenUp(this.#record, answerOf(received));
      if (why === null) return received;
      this.#toProcessor(why);
      return tryAgain;
    }
    frame.unref();
    if (!device.isOnDevice(picture)) {
      this.#use?.giveUp('does not take this stream: its profile or its size');
      this.#device = null;
      this.#held.clear();
      const moved = frame.ref(picture);
      picture.unref();
      return moved;
    }
    const fetched = device.fetch(picture, frame);
    if (fetched >= 0) frame.copyProps(picture);
    picture.unref();
    if (fetched < 0) {
      this.#toProcessor(`did not hand out a picture: ${ffmpegWords(fetched)}`);
      return tryAgain;
    }
    if (!isDamaged(frame)) {
      this.#record = justShown;
      this.#use?.works();
    }
    this.#newestPts = frame.bestEffortTimestamp;
    this.#given += 1;
    return fetched;
  }

  #toProcessor(why: string): void {
    const onProcessor = this.#openOnProcessor();
    this.#onDevice.unref();
    this.#device = null;
    this.#context.freeContext();
    this.#context = onProcessor;
    this.#use?.giveUp(why);
    this.#again = this.#held.take();
    this.#knownPictures = this.#again.length === 0 ? 0 : this.#given;
    this.#endIsDue = this.#isDraining;
  }

  /** @returns whether the decoder was given something. */
  #sendAgain(): boolean {
    const packet = this.#again.shift();
    if (packet !== undefined) {
      // What is damaged in it is passed over, as it would have been.
      this.#context.sendPacketSync(packet);
      packet.free();
      return true;
    }
    if (!this.#endIsDue) return false;
    this.#endIsDue = false;
    this.#context.sendPacketSync(null);
    return true;
  }

  /** The device has given this picture already. */
  #isKnown(frame: Frame): boolean {
    if (this.#knownPictures === 0) return false;
    const pts = frame.bestEffortTimestamp;
    const isKnown = pts !== noTimestamp && this.#newestPts !== noTimestamp && pts <= this.#newestPts;
    this.#knownPictures = isKnown ? this.#knownPictures - 1 : 0;
    return isKnown;
  }

  #forget(): void {
    this.#held.clear();
    for (const packet of this.#again) packet.free();
    this.#again = [];
    this.#knownPictures = 0;
    this.#given = 0;
    this.#endIsDue = false;
  }
}

/** @returns FFmpeg's error number where it cannot be opened. */
function open(codec: Codec, stream: CodedStream, prepare: (context: CodecContext) => void): CodecContext | number {
  const context = new CodecContext();
  context.allocContext3(codec);
  try {
    context.parametersToContext(stream.codecpar);
    // One thread: threads of the decoder cost 38 % more CPU for the same frames and add a frame of delay each.
    context.threadCount = 1;
    context.pktTimebase = stream.timeBase;
    prepare(context);
    const opened = context.open2Sync(codec);
    if (opened >= 0) return context;
    context.freeContext();
    return opened;
  } catch (error) {
    context.freeContext();
    throw error;
  }
}

function answerOf(code: number): DeviceAnswer {
  if (code >= 0 || code === tryAgain || code === AVERROR_EOF) return { kind: 'well' };
  return code === AVERROR_INVALIDDATA ? { kind: 'damaged' } : { kind: 'broken', words: ffmpegWords(code) };
}

export const isDamaged = (frame: Frame): boolean =>
  frame.decodeErrorFlags !== 0 || frame.hasFlags(AV_FRAME_FLAG_CORRUPT);
