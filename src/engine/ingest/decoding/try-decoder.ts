import { Frame } from 'node-av/lib';
import { hardwareNames } from '../../../shared/domain/decoding.ts';
import type { DecoderTrial, EngineRequest } from '../../../shared/engine/protocol.ts';
import { MotionMeter } from '../motion-meter.ts';
import { DrawnStream, drawnCodecs, type DrawnCodec } from './drawn-stream.ts';
import { machineHardware, type HardwareSystem } from './hardware-device.ts';
import { HardwareUse } from './hardware-use.ts';
import { PictureDecoder } from './picture-decoder.ts';

type TriedHardware = Pick<Extract<EngineRequest, { type: 'try-decoder' }>, 'hardware' | 'path'>;

const mostPixels = 1e8;

/**
 * Decodes pictures of our own in every codec that cameras send, and holds them against what the processor makes of them: a
 * driver may open, answer, and show nothing or green. May crash or hang with the driver; whoever asks has to be ready for that.
 */
export function tryDecoder(tried: TriedHardware, system: HardwareSystem = machineHardware): DecoderTrial {
  try {
    system.open(tried.hardware, tried.path).close();
  } catch (fault) {
    return { works: false, why: `${hardwareNames[tried.hardware]} ${wordsOf(fault)}` };
  }
  return { works: true, codecs: drawnCodecs.map((codec) => ({ codec, why: whyNot(codec, tried, system) })) };
}

/** Null: it shows every picture as it is. */
function whyNot(codec: DrawnCodec, { hardware, path }: TriedHardware, system: HardwareSystem): string | null {
  let stream: DrawnStream;
  try {
    stream = new DrawnStream(codec);
  } catch (fault) {
    return `no pictures could be made to try it with (${wordsOf(fault)})`;
  }
  const use = new HardwareUse({ devices: [{ hardware, path, codecs: [codec] }], why: '' }, system);
  const expected = decoded(stream, null);
  const seen = decoded(stream, use);
  const { inUse } = use;
  try {
    if (inUse?.kind === 'software') return inUse.why;
    if (inUse === null || seen.length === 0) return 'it gave no picture';
    if (seen.length !== expected.length) {
      return `it gave ${String(seen.length)} of ${String(expected.length)} pictures`;
    }
    return areAlike(seen, expected) ? null : 'its pictures are wrong';
  } finally {
    for (const picture of [...expected, ...seen]) picture.free();
    use.close();
    stream.close();
  }
}

function decoded(stream: DrawnStream, use: HardwareUse | null): readonly Frame[] {
  const decoder = new PictureDecoder(stream, mostPixels, use);
  const pictures: Frame[] = [];
  const frame = new Frame();
  frame.alloc();
  try {
    for (const packet of [...stream.packets, null]) {
      decoder.send(packet);
      while (decoder.receive(frame) >= 0) {
        const copy = frame.clone();
        if (copy !== null) pictures.push(copy);
      }
    }
  } finally {
    frame.free();
    decoder.close();
  }
  return pictures;
}

function areAlike(seen: readonly Frame[], expected: readonly Frame[]): boolean {
  const meter = new MotionMeter();
  try {
    return seen.every((picture, index) => {
      const same = expected[index];
      if (same === undefined) return false;
      meter.measure(same);
      meter.remember();
      meter.measure(picture);
      return meter.isAsRun;
    });
  } finally {
    meter.close();
  }
}

const wordsOf = (fault: unknown): string => (fault instanceof Error ? fault.message : String(fault));
