import sharp, { type Metadata, type Sharp } from 'sharp';
import type { InputSize } from '../../shared/domain/model.ts';
import { fitInto, paintBorder, placeRows, type Fit } from './letterbox.ts';
import { asMediaFault, MediaFault } from './media-fault.ts';
import { tooLarge } from './too-large.ts';

// Only formats that hold pictures and nothing else: no SVG (a document that loads others), no PDF, no ImageMagick.
sharp.block({ operation: ['VipsForeignLoad'] });
sharp.unblock({
  operation: [
    'VipsForeignLoadJpeg',
    'VipsForeignLoadPng',
    'VipsForeignLoadWebp',
    'VipsForeignLoadTiff',
    'VipsForeignLoadNsgif',
    'VipsForeignLoadHeif',
  ],
});
sharp.concurrency(1);
// Archive pictures are seen once: a cache would only hold memory and files open.
sharp.cache(false);

/** A file by its path, or the bytes of one: both are decoded alike. */
export type PictureInput = string | Uint8Array;

export interface PictureFacts {
  /** As shown: after the EXIF orientation. */
  readonly width: number;
  readonly height: number;
  readonly format: string;
}

/** Reads the header alone: a picture of any size is judged without decoding it. @throws MediaFault */
export async function inspectPicture(picture: PictureInput, maxPixels: number): Promise<PictureFacts> {
  const metadata = await readMetadata(picture);
  const { width, height } = metadata.autoOrient;
  if (width * height > maxPixels) throw tooLarge(width, height, maxPixels);
  return { width, height, format: metadata.format };
}

/** Decodes a picture upright into a model input. @returns where it lies. @throws MediaFault */
export async function letterboxPicture(
  picture: PictureInput,
  facts: PictureFacts,
  input: InputSize,
  padding: number,
  maxPixels: number,
  target: Uint8Array,
): Promise<Fit> {
  const fit = fitInto(facts.width, facts.height, input);
  const grey = { r: padding, g: padding, b: padding };
  try {
    const { data, info } = await open(picture, maxPixels)
      .autoOrient()
      .resize(fit.width, fit.height, { fit: 'fill', kernel: 'linear' })
      .flatten({ background: grey })
      .toColourspace('srgb')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    if (info.channels !== 3) throw new MediaFault('unsupported', `It has ${String(info.channels)} colour channels.`);
    placeRows(target, input, fit, data, fit.width * 3);
  } catch (error) {
    throw pictureFault(error);
  }
  paintBorder(target, input, fit, padding);
  return fit;
}

/** A JPEG of the picture, upright, at most `maxWidth` wide. @throws MediaFault */
export async function pictureJpeg(path: string, maxWidth: number, maxPixels: number): Promise<Uint8Array<ArrayBuffer>> {
  await inspectPicture(path, maxPixels);
  try {
    const jpeg = await open(path, maxPixels)
      .autoOrient()
      .resize({ width: maxWidth, withoutEnlargement: true })
      .flatten({ background: '#727272' })
      .jpeg({ quality: 85 })
      .toBuffer();
    return new Uint8Array(jpeg);
  } catch (error) {
    throw pictureFault(error);
  }
}

/** A JPEG of tightly packed RGB rows. */
export async function rgbJpeg(rows: Uint8Array, width: number, height: number): Promise<Uint8Array<ArrayBuffer>> {
  const jpeg = await sharp(rows, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 85 })
    .toBuffer();
  return new Uint8Array(jpeg);
}

function open(picture: PictureInput, maxPixels: number): Sharp {
  return sharp(picture, { failOn: 'warning', limitInputPixels: maxPixels, sequentialRead: true });
}

async function readMetadata(picture: PictureInput): Promise<Metadata> {
  try {
    // No limit here: the numbers are wanted for the refusal.
    return await sharp(picture, { failOn: 'warning', limitInputPixels: false }).metadata();
  } catch (error) {
    throw pictureFault(error);
  }
}

function pictureFault(error: unknown): MediaFault {
  if (error instanceof MediaFault) return error;
  const words = error instanceof Error ? error.message : String(error);
  if (/unsupported image format|not been built in|operation is blocked|compression format/i.test(words)) {
    return new MediaFault(
      'unsupported',
      'This is not a picture in a known format (JPEG, PNG, WebP, TIFF, GIF, AVIF).',
      {
        cause: error,
      },
    );
  }
  if (/exceeds pixel limit/i.test(words)) return new MediaFault('too-large', 'It has more pixels than are decoded.');
  if (error instanceof Error && 'syscall' in error) return asMediaFault(error);
  return new MediaFault('undecodable', `The picture is damaged: ${plainWords(words)}.`, { cause: error });
}

/** libvips repeats itself over several lines; its first one says it. */
function plainWords(words: string): string {
  const first = words.split('\n').find((line) => line.trim() !== '') ?? 'no reason was given';
  return first.trim().replace(/\.$/, '');
}
