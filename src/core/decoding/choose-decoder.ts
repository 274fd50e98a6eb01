import {
  hardwareNames,
  type DecodeMode,
  type HardwareDecoder,
  type TriedDecoder,
} from '../../shared/domain/decoding.ts';
import type { DecodeOrder, DecoderTrial, HardwareOffer } from '../../shared/engine/decoding.ts';

/** A hardware decoder, and how its trial went. */
export interface TriedDevice {
  readonly hardware: HardwareDecoder;
  readonly path: string | null;
  readonly result: DecoderTrial;
  /** Why it was not expected to work, in words: said of cameras instead of what its trial said; left out: it was. */
  readonly unlikely?: string;
}

export interface DecodeWish {
  readonly everywhere: DecodeMode;
  readonly camera: DecodeMode;
  /** Why no hardware is used for now, in words; null: it may be. */
  readonly setAside: string | null;
}

/** What a camera may be decoded by. The hardware keeps its order: the favourite first. */
export function decodeOrder(tried: readonly TriedDevice[], { everywhere, camera, setAside }: DecodeWish): DecodeOrder {
  if (camera === 'off') return byProcessor('hardware decoding is switched off for this camera');
  if (everywhere === 'off') return byProcessor('hardware decoding is switched off');
  if (setAside !== null) return byProcessor(setAside);
  const devices = tried.flatMap(({ hardware, path, result }): HardwareOffer[] => {
    const codecs = codecsOf(result);
    return codecs.length === 0 ? [] : [{ hardware, path, codecs }];
  });
  if (devices.length > 0) return { devices, why: '' };
  const reasons = new Set(tried.map(({ result, unlikely }) => unlikely ?? whyOf(result)));
  return byProcessor(reasons.size === 0 ? 'no hardware decoder is known for this system' : [...reasons].join('; '));
}

export const byProcessor = (why: string): DecodeOrder => ({ devices: [], why });

/** What decodes a stream. @param codec in FFmpeg's name */
export function chooseDecoder(
  codec: string,
  { devices, why }: DecodeOrder,
): { readonly device: HardwareOffer } | { readonly why: string } {
  const device = devices.find(({ codecs }) => codecs.includes(codec));
  if (device !== undefined) return { device };
  if (devices.length === 0) return { why };
  const names = [...new Set(devices.map(({ hardware }) => hardwareNames[hardware]))];
  return { why: `${names.join(' and ')} ${names.length === 1 ? 'does' : 'do'} not decode ${codec} here` };
}

/** For people. */
export const toldDevice = ({ hardware, path, result, unlikely }: TriedDevice): TriedDecoder => ({
  hardware,
  path,
  codecs: codecsOf(result),
  why: unlikely === undefined || result.works ? whyOf(result) : `${unlikely} (${whyOf(result)})`,
});

const codecsOf = (result: DecoderTrial): readonly string[] =>
  result.works ? result.codecs.filter(({ why }) => why === null).map(({ codec }) => codec) : [];

function whyOf(result: DecoderTrial): string {
  if (!result.works) return result.why;
  const taken = codecsOf(result);
  const refused = result.codecs.flatMap(({ codec, why }) => (why === null ? [] : [`not ${codec}: ${why}`]));
  return [...(taken.length === 0 ? [] : [`decodes ${taken.join(', ')}`]), ...refused].join('; ');
}
