/**
 * Makes the footage that a motion gate is for: the demo scene as a fixed camera sees it at a quiet hour, with the noise of
 * a sensor, and somebody walking through for 2 s of every 10 s. Deterministic. Arguments: the still, where to write, frames.
 */
import sharp from 'sharp';
import { seededRandom } from '../../src/core/testing/seeded-random.ts';
import { encodeVideo } from '../../src/engine/ingest/testing/encode-video.ts';
import { clipFps } from './clip-fps.ts';

const [, , still = '', out = '', frames = '0'] = process.argv;
const noiseLevels = 3;
const walkSeconds = 2;
const cycleSeconds = 10;
/** Share of the picture's sides that the walker takes. */
const walkerWidth = 0.08;
const walkerHeight = 0.25;

const { data: scene, info } = await sharp(still).removeAlpha().raw().toBuffer({ resolveWithObject: true });
const { width, height } = info;
const random = seededRandom(7);
const noise = Int8Array.from({ length: 1 << 20 }, () => Math.round((random() - 0.5) * 2 * noiseLevels));

encodeVideo(out, {
  width,
  height,
  fps: clipFps,
  frames: Number(frames),
  gop: 2 * clipFps,
  encoderOptions: { preset: 'ultrafast' },
  draw: (frame, rgb) => {
    const from = Math.floor(random() * noise.length);
    for (let at = 0; at < rgb.length; at++) {
      rgb[at] = Math.max(0, Math.min(255, (scene[at] ?? 0) + (noise[(from + at) % noise.length] ?? 0)));
    }
    const second = (frame / clipFps) % cycleSeconds;
    if (second < walkSeconds) drawWalker(rgb, second / walkSeconds);
  },
});
console.log('{}');

/** A dark upright block: what it is does not matter to a gate. */
function drawWalker(rgb: Uint8Array, progress: number): void {
  const [w, h] = [Math.round(width * walkerWidth), Math.round(height * walkerHeight)];
  const [left, top] = [Math.round((width - w) * progress), Math.round((height - h) * 0.6)];
  for (let row = top; row < top + h; row++) rgb.fill(40, (row * width + left) * 3, (row * width + left + w) * 3);
}
