import { accessSync, constants, existsSync } from 'node:fs';
import {
  AV_CODEC_HW_CONFIG_METHOD_HW_DEVICE_CTX,
  AV_HWDEVICE_TYPE_CUDA,
  AV_HWDEVICE_TYPE_D3D11VA,
  AV_HWDEVICE_TYPE_RKMPP,
  AV_HWDEVICE_TYPE_VAAPI,
  AV_HWDEVICE_TYPE_VIDEOTOOLBOX,
  type AVHWDeviceType,
} from 'node-av/constants';
import { Codec, Dictionary, HardwareDeviceContext, type CodecContext, type Frame } from 'node-av/lib';
import type { HardwareDecoder } from '../../../shared/domain/decoding.ts';
import { ffmpegWords } from '../ffmpeg.ts';

/** Why hardware is not to be had, in words that follow its name. */
export class HardwareFault extends Error {}

/** Opens hardware decoders: those of the machine, others in tests. */
export interface HardwareSystem {
  /** @throws HardwareFault */
  open(hardware: HardwareDecoder, path: string | null): HardwareDevice;
}

export interface HardwareDevice {
  /** Its decoder of what the processor's decoder decodes; null: it has none. */
  decoderOf(processors: Codec): DeviceDecoder | null;
  close(): void;
}

export interface DeviceDecoder {
  readonly codec: Codec;
  /** Before the context is opened. */
  attach(context: CodecContext): void;
  /** False: FFmpeg found by itself that the device does not take this stream, and decoded it on the processor. */
  isOnDevice(picture: Frame): boolean;
  /** Brings the picture into the machine's memory, without its properties. @returns FFmpeg's error number, or 0 and more */
  fetch(picture: Frame, target: Frame): number;
}

const types: Readonly<Record<HardwareDecoder, AVHWDeviceType>> = {
  cuda: AV_HWDEVICE_TYPE_CUDA,
  vaapi: AV_HWDEVICE_TYPE_VAAPI,
  d3d11va: AV_HWDEVICE_TYPE_D3D11VA,
  videotoolbox: AV_HWDEVICE_TYPE_VIDEOTOOLBOX,
  rkmpp: AV_HWDEVICE_TYPE_RKMPP,
};

/** What to ask for, in order. The threads of cameras share one CUDA context with the models where CUDA lets them. */
const asked: Readonly<Partial<Record<HardwareDecoder, readonly Readonly<Record<string, string>>[]>>> = {
  cuda: [{ primary_ctx: '1' }, {}],
};

const nothingAsked: readonly Readonly<Record<string, string>>[] = [{}];

/** FFmpeg's, of this very machine. */
export const machineHardware: HardwareSystem = {
  open(hardware, path) {
    const type = types[hardware];
    if (!HardwareDeviceContext.iterateTypes().includes(type)) {
      throw new HardwareFault('is not built into the FFmpeg that is used here');
    }
    if (path !== null) mayBeUsed(path);
    let code = 0;
    for (const options of asked[hardware] ?? nothingAsked) {
      const context = new HardwareDeviceContext();
      code = created(context, type, path, options);
      if (code >= 0) return new FfmpegDevice(hardware, type, context);
      context.free();
    }
    throw new HardwareFault(`cannot be opened: ${ffmpegWords(code)}`);
  },
};

/** FFmpeg's answer would be "Invalid argument". */
function mayBeUsed(path: string): void {
  try {
    accessSync(path, constants.R_OK | constants.W_OK);
  } catch (caught) {
    const isThere = existsSync(path);
    throw new HardwareFault(
      isThere
        ? `cannot be opened: this user may not use ${path} (on Linux: group "render" or "video")`
        : `cannot be opened: there is no ${path}`,
      { cause: caught },
    );
  }
}

function created(
  context: HardwareDeviceContext,
  type: AVHWDeviceType,
  path: string | null,
  options: Readonly<Record<string, string>>,
): number {
  if (Object.keys(options).length === 0) return context.create(type, path);
  const dictionary = Dictionary.fromObject({ ...options });
  try {
    return context.create(type, path, dictionary);
  } finally {
    dictionary.free();
  }
}

class FfmpegDevice implements HardwareDevice {
  readonly #hardware: HardwareDecoder;
  readonly #type: AVHWDeviceType;
  readonly #context: HardwareDeviceContext;

  constructor(hardware: HardwareDecoder, type: AVHWDeviceType, context: HardwareDeviceContext) {
    this.#hardware = hardware;
    this.#type = type;
    this.#context = context;
  }

  /** FFmpeg's own decoder with the device behind it, else one that belongs to the device. */
  decoderOf(processors: Codec): DeviceDecoder | null {
    const own = `${processors.name ?? ''}_${this.#hardware}` as Parameters<typeof Codec.findDecoderByName>[0];
    for (const codec of [processors, Codec.findDecoderByName(own)]) {
      if (codec === null) continue;
      for (let index = 0, config = codec.getHwConfig(0); config !== null; config = codec.getHwConfig(++index)) {
        const { deviceType, methods, pixFmt } = config;
        if (deviceType !== this.#type || (methods & AV_CODEC_HW_CONFIG_METHOD_HW_DEVICE_CTX) === 0) continue;
        return {
          codec,
          attach: (context) => {
            context.hwDeviceCtx = this.#context;
            context.setHardwarePixelFormat(pixFmt);
          },
          isOnDevice: (picture) => picture.isHwFrame(),
          fetch: (picture, target) => picture.hwframeTransferDataSync(target),
        };
      }
    }
    return null;
  }

  close(): void {
    this.#context.free();
  }
}
