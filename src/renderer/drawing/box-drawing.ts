import type { TrackedDetection } from '../../shared/domain/detection.ts';
import * as format from '../strings/format.ts';

export type Context2d = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;

/** How source pixels become pixels of the canvas, and how many of those make one of the page's. */
export interface DrawScale {
  readonly toPlace: number;
  readonly density: number;
}

/** On a picture narrower than this, labels would cover what they name: only the class is written, smaller. */
const smallTilePx = 300;
const boxColour = '#f0883e';
/** What only stands there is drawn calmer: nobody has to look at it until it moves. */
const stationaryColour = '#94a1ae';
const plateColour = 'rgba(11, 15, 20, 0.82)';
const plateText = '#e6edf3';

export function drawTrail(
  context: Context2d,
  points: readonly (readonly [number, number])[],
  { toPlace, density }: DrawScale,
): void {
  if (points.length < 2) return;
  context.strokeStyle = boxColour;
  context.lineWidth = density;
  context.beginPath();
  for (const [x, y] of points) context.lineTo(x * toPlace, y * toPlace);
  context.stroke();
}

export function drawBox(context: Context2d, detection: TrackedDetection, { toPlace, density }: DrawScale): void {
  const [x, y, width, height] = detection.box;
  const isThin = detection.trackId === null || detection.isStationary;
  context.lineWidth = (isThin ? 1 : 2) * density;
  context.strokeStyle = detection.isStationary ? stationaryColour : boxColour;
  context.strokeRect(x * toPlace, y * toPlace, width * toPlace, height * toPlace);
}

/** Labels above their boxes (inside, at the top edge), moved up one line where they would cover another label. */
export function drawPlates(
  context: Context2d,
  detections: readonly TrackedDetection[],
  { toPlace, density }: DrawScale,
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
    context.fillStyle = detection.isStationary ? stationaryColour : plateText;
    context.fillText(label, x + padding, y + height / 2);
  }
}

function labelOf({ label, trackId, score }: TrackedDetection, isSmall: boolean): string {
  if (isSmall) return label;
  return `${label}${trackId === null ? '' : ` #${String(trackId)}`} ${format.score(score)}`;
}
