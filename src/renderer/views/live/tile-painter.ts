import type { TrackedDetection } from '../../../shared/domain/detection.ts';
import type { Picture } from '../../api.ts';
import { movedBoxes } from '../../state/moved-boxes.ts';
import { FrameMatcher } from '../../state/frame-matcher.ts';
import type { CameraResult, PictureViewer } from '../../state/live-pictures.ts';
import * as format from '../../strings/format.ts';

interface DecodedPicture {
  readonly capturedAtMs: number;
  readonly analysed: boolean;
  readonly arrivedAtMs: number;
  readonly bitmap: ImageBitmap;
}

/** What a tile says about the picture it shows; told after each drawing. */
export interface Drawn {
  readonly capturedAtMs: number;
  readonly boxes: number;
}

/** Boxes of a slow analysis: still drawn this long after their frame, fading, then gone rather than wrong. */
const boxesFadeAfterMs = 1000;
const boxesEndAfterMs = 3000;
const trailPoints = 12;
/** On a picture narrower than this, labels would cover what they name: only the class is written, smaller. */
const smallTilePx = 300;

const boxColour = '#f0883e';
const plateColour = 'rgba(11, 15, 20, 0.82)';
const plateText = '#e6edf3';

/**
 * Decodes a camera's pictures and draws each with the boxes of its own frame on one canvas. Pictures wait in a
 * `FrameMatcher`; the host is told that the next may come as soon as that has room.
 */
export class TilePainter implements PictureViewer {
  readonly #canvas: HTMLCanvasElement;
  readonly #onDrawn: (drawn: Drawn) => void;
  readonly #matcher = new FrameMatcher<DecodedPicture, CameraResult>();
  readonly #trails = new Map<number, { points: [number, number][]; seenAtMs: number }>();
  /** `before`: the result that was drawn before `result`; both together tell how fast objects move. */
  #shown: {
    bitmap: ImageBitmap;
    result: CameraResult | null;
    before: CameraResult | null;
    capturedAtMs: number;
  } | null = null;
  #owedAck: (() => void) | null = null;
  #animation = 0;
  #isClosed = false;

  constructor(canvas: HTMLCanvasElement, onDrawn: (drawn: Drawn) => void) {
    this.#canvas = canvas;
    this.#onDrawn = onDrawn;
  }

  picture({ header, jpeg }: Picture, ack: () => void): void {
    void this.#decode(jpeg).then((bitmap) => {
      if (bitmap === null || this.#isClosed) {
        bitmap?.close();
        ack();
        return;
      }
      const pushedOut = this.#matcher.addPicture({
        capturedAtMs: header.capturedAtMs,
        analysed: header.analysed,
        arrivedAtMs: performance.now(),
        bitmap,
      });
      pushedOut?.bitmap.close();
      if (this.#matcher.hasRoom) ack();
      else this.#owedAck = ack;
      this.#schedule();
    });
  }

  result(result: CameraResult): void {
    this.#matcher.addResult(result);
    for (const { trackId, box } of result.detections) {
      if (trackId === null) continue;
      const trail = this.#trails.get(trackId) ?? { points: [], seenAtMs: 0 };
      const foot: [number, number] = [box[0] + box[2] / 2, box[1] + box[3]];
      // A film that starts again or an engine that came back counts its tracks anew: nobody jumps that far.
      const last = trail.points.at(-1);
      const isJump = last !== undefined && Math.hypot(foot[0] - last[0], foot[1] - last[1]) > box[3];
      trail.points = [...(isJump ? [] : trail.points), foot].slice(-trailPoints);
      trail.seenAtMs = result.capturedAtMs;
      this.#trails.set(trackId, trail);
    }
    for (const [id, trail] of this.#trails)
      if (result.capturedAtMs - trail.seenAtMs > boxesEndAfterMs) this.#trails.delete(id);
    this.#schedule();
  }

  /** The tile changed its size. */
  redraw(): void {
    this.#draw();
  }

  close(): void {
    this.#isClosed = true;
    cancelAnimationFrame(this.#animation);
    for (const { bitmap } of this.#matcher.clear()) bitmap.close();
    this.#shown?.bitmap.close();
    this.#shown = null;
    this.#owedAck?.();
    this.#owedAck = null;
  }

  async #decode(jpeg: Uint8Array<ArrayBuffer>): Promise<ImageBitmap | null> {
    try {
      return await createImageBitmap(new Blob([jpeg], { type: 'image/jpeg' }));
    } catch {
      // One damaged preview: the next one comes within a moment, and the age of the shown one is told by the tile.
      return null;
    }
  }

  #schedule(): void {
    if (this.#animation !== 0 || this.#isClosed || this.#matcher.isEmpty) return;
    this.#animation = requestAnimationFrame(() => {
      this.#animation = 0;
      const next = this.#matcher.take(performance.now());
      if (next !== null) {
        const last = this.#shown;
        last?.bitmap.close();
        this.#shown = {
          bitmap: next.picture.bitmap,
          result: next.result,
          before: (next.result === last?.result ? last?.before : last?.result) ?? null,
          capturedAtMs: next.picture.capturedAtMs,
        };
        this.#draw();
        this.#owedAck?.();
        this.#owedAck = null;
      }
      this.#schedule();
    });
  }

  #draw(): void {
    const context = this.#canvas.getContext('2d');
    if (context === null || this.#shown === null) return;
    const { bitmap, result, before, capturedAtMs } = this.#shown;
    const density = window.devicePixelRatio;
    const width = Math.max(1, Math.round(this.#canvas.clientWidth * density));
    const height = Math.max(1, Math.round(this.#canvas.clientHeight * density));
    if (this.#canvas.width !== width || this.#canvas.height !== height) {
      this.#canvas.width = width;
      this.#canvas.height = height;
    }
    const scale = Math.min(width / bitmap.width, height / bitmap.height);
    const place = {
      x: (width - bitmap.width * scale) / 2,
      y: (height - bitmap.height * scale) / 2,
      width: bitmap.width * scale,
      height: bitmap.height * scale,
    };
    context.clearRect(0, 0, width, height);
    context.drawImage(bitmap, place.x, place.y, place.width, place.height);

    const ageMs = result === null ? Infinity : capturedAtMs - result.capturedAtMs;
    const detections = result === null || ageMs > boxesEndAfterMs ? [] : movedBoxes(result, before, capturedAtMs);
    if (result !== null && detections.length > 0) {
      context.save();
      context.globalAlpha = ageMs > boxesFadeAfterMs ? 0.5 : 1;
      context.translate(place.x, place.y);
      const toPlace = place.width / result.width;
      for (const detection of detections) this.#drawTrail(context, detection, toPlace, density);
      for (const detection of detections) drawBox(context, detection, toPlace, density);
      drawPlates(context, detections, toPlace, density, place);
      context.restore();
    }
    this.#onDrawn({ capturedAtMs, boxes: detections.length });
  }

  #drawTrail(context: CanvasRenderingContext2D, detection: TrackedDetection, toPlace: number, density: number): void {
    const trail = detection.trackId === null ? undefined : this.#trails.get(detection.trackId);
    if (trail === undefined || trail.points.length < 2) return;
    context.strokeStyle = boxColour;
    context.lineWidth = density;
    context.beginPath();
    for (const [x, y] of trail.points) context.lineTo(x * toPlace, y * toPlace);
    context.stroke();
  }
}

function drawBox(
  context: CanvasRenderingContext2D,
  detection: TrackedDetection,
  toPlace: number,
  density: number,
): void {
  const [x, y, width, height] = detection.box.map((side) => side * toPlace) as [number, number, number, number];
  context.lineWidth = (detection.trackId === null ? 1 : 2) * density;
  context.strokeStyle = boxColour;
  context.strokeRect(x, y, width, height);
}

/** Labels above their boxes (inside, at the top edge), moved up one line where they would cover another label. */
function drawPlates(
  context: CanvasRenderingContext2D,
  detections: readonly TrackedDetection[],
  toPlace: number,
  density: number,
  place: { readonly width: number },
): void {
  const isSmall = place.width / density < smallTilePx;
  const padding = 3 * density;
  const height = (isSmall ? 12 : 15) * density;
  context.font = `${String((isSmall ? 10 : 11) * density)}px system-ui, sans-serif`;
  context.textBaseline = 'middle';
  const placed: { x: number; y: number; width: number }[] = [];
  for (const detection of detections) {
    const label = labelOf(detection, isSmall);
    const width = context.measureText(label).width + 2 * padding;
    const x = Math.max(0, Math.min(detection.box[0] * toPlace, place.width - width));
    const top = detection.box[1] * toPlace;
    let y = Math.max(0, top - height);
    const isTaken = (): boolean =>
      placed.some((other) => Math.abs(other.y - y) < height && x < other.x + other.width && other.x < x + width);
    while (y >= height && isTaken()) y -= height;
    placed.push({ x, y, width });
    context.fillStyle = plateColour;
    context.fillRect(x, y, width, height);
    context.fillStyle = plateText;
    context.fillText(label, x + padding, y + height / 2);
  }
}

function labelOf({ label, trackId, score }: TrackedDetection, isSmall: boolean): string {
  if (isSmall) return label;
  return `${label}${trackId === null ? '' : ` #${String(trackId)}`} ${format.score(score)}`;
}
