import type { Box } from '../../shared/domain/detection.ts';
import { FrameMatcher } from '../state/frame-matcher.ts';
import type { CameraResult } from '../state/live-pictures.ts';
import { movedBoxes } from '../state/moved-boxes.ts';
import { PlayoutDelay } from '../state/playout-delay.ts';
import { drawBox, drawPlates, drawTrail, type Context2d } from './box-drawing.ts';
import { TrackTrails } from './track-trails.ts';

/** A decoded picture; the scene closes it. */
export interface ScenePicture {
  readonly capturedAtMs: number;
  readonly analysed: boolean;
  readonly image: ImageBitmap | VideoFrame;
  readonly width: number;
  readonly height: number;
}

/** What a tile says about the picture it shows; told after each drawing. */
export interface Drawn {
  readonly capturedAtMs: number;
  readonly boxes: number;
}

/** Of the canvas on the page, in CSS pixels, and how many device pixels make one. */
export interface SceneSize {
  readonly width: number;
  readonly height: number;
  readonly density: number;
}

export interface SceneOptions {
  readonly context: Context2d;
  readonly size: () => SceneSize;
  readonly onDrawn: (drawn: Drawn) => void;
  /** The picture has left the queue. */
  readonly onTaken: (picture: ScenePicture) => void;
  /** Of a stream: pictures come out evenly, and more of them may wait. */
  readonly isStream: boolean;
}

type Arrived = ScenePicture & { readonly arrivedAtMs: number };

/** Boxes of a slow analysis: still drawn this long after their frame, fading, then gone rather than wrong. */
const boxesFadeAfterMs = 1000;
const boxesEndAfterMs = 3000;
/** At 30 pictures a second a stream's result may take a quarter of a second. */
const streamWaiting = 12;

/** Draws a camera's pictures, each with the boxes of its own frame, on one canvas: in a page or in a worker. */
export class PictureScene {
  readonly #options: SceneOptions;
  readonly #matcher: FrameMatcher<Arrived, CameraResult>;
  readonly #delay = new PlayoutDelay();
  readonly #trails = new TrackTrails(boxesEndAfterMs);
  /** `before`: the result that was drawn before `result`; both together tell how fast objects move. */
  #shown: { picture: Arrived; result: CameraResult | null; before: CameraResult | null } | null = null;
  #animation = 0;
  #isClosed = false;

  constructor(options: SceneOptions) {
    this.#options = options;
    this.#matcher = new FrameMatcher(options.isStream ? { maxWaiting: streamWaiting } : {});
  }

  get hasRoom(): boolean {
    return this.#matcher.hasRoom;
  }

  add(picture: ScenePicture): void {
    if (this.#isClosed) {
      picture.image.close();
      return;
    }
    const arrivedAtMs = performance.now();
    this.#delay.pictureCame(picture.capturedAtMs, arrivedAtMs);
    const pushedOut = this.#matcher.addPicture({ ...picture, arrivedAtMs });
    pushedOut?.image.close();
    this.#schedule();
  }

  addResult(result: CameraResult): void {
    this.#matcher.addResult(result);
    this.#delay.resultCame(result.capturedAtMs, performance.now());
    this.#trails.add(result.detections, result.capturedAtMs);
    this.#schedule();
  }

  /** The canvas changed its size. */
  redraw(): void {
    this.#draw();
  }

  close(): void {
    this.#isClosed = true;
    cancelAnimationFrame(this.#animation);
    for (const { image } of this.#matcher.clear()) image.close();
    this.#shown?.picture.image.close();
    this.#shown = null;
  }

  #schedule(): void {
    if (this.#animation !== 0 || this.#isClosed || this.#matcher.isEmpty) return;
    this.#animation = requestAnimationFrame(() => {
      this.#animation = 0;
      const next = this.#matcher.take(performance.now(), this.#options.isStream ? this.#delay.delayMs : 0);
      if (next !== null) {
        const last = this.#shown;
        last?.picture.image.close();
        this.#shown = {
          ...next,
          before: (next.result === last?.result ? last?.before : last?.result) ?? null,
        };
        this.#draw();
        this.#options.onTaken(next.picture);
      }
      this.#schedule();
    });
  }

  #draw(): void {
    if (this.#shown === null) return;
    const { context, size, onDrawn } = this.#options;
    const { picture, result, before } = this.#shown;
    const { canvas } = context;
    const { density, ...page } = size();
    const width = Math.max(1, Math.round(page.width * density));
    const height = Math.max(1, Math.round(page.height * density));
    if (canvas.width !== width || canvas.height !== height) {
      canvas.width = width;
      canvas.height = height;
    }
    const scale = Math.min(width / picture.width, height / picture.height);
    const place = {
      x: (width - picture.width * scale) / 2,
      y: (height - picture.height * scale) / 2,
      width: picture.width * scale,
      height: picture.height * scale,
    };
    context.clearRect(0, 0, width, height);
    context.drawImage(picture.image, place.x, place.y, place.width, place.height);

    const ageMs = result === null ? Infinity : picture.capturedAtMs - result.capturedAtMs;
    const detections =
      result === null || ageMs > boxesEndAfterMs ? [] : movedBoxes(result, before, picture.capturedAtMs);
    if (result !== null && detections.length > 0) {
      context.save();
      context.globalAlpha = ageMs > boxesFadeAfterMs ? 0.5 : 1;
      context.translate(place.x, place.y);
      const drawScale = { toPlace: place.width / result.width, density };
      // Small streams are often squeezed: what was found in one lies elsewhere in the large one.
      const stretch = (place.height * result.width) / (place.width * result.height);
      const stretched = detections.map((detection) => ({ ...detection, box: stretchedBox(detection.box, stretch) }));
      for (const detection of detections) {
        const trail = this.#trails.of(detection).map(([x, y]) => [x, y * stretch] as const);
        drawTrail(context, trail, drawScale);
      }
      for (const detection of stretched) drawBox(context, detection, drawScale);
      drawPlates(context, stretched, drawScale, place);
      context.restore();
    }
    onDrawn({ capturedAtMs: picture.capturedAtMs, boxes: detections.length });
  }
}

const stretchedBox = ([x, y, width, height]: Box, stretch: number): Box => [x, y * stretch, width, height * stretch];
