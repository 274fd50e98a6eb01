import type { Tick } from '../../../components/time-axis.ts';
import type { LanePicture, Span } from './lane-layout.ts';

/** Heights in CSS pixels, from the top of a lane: marks, bars, the recording, and below it when the camera was there. */
export const laneHeight = 42;
const marksBottom = 5;
const barsBottom = 24;
const band = { top: 25, bottom: 33 } as const;
const strip = { top: 35, bottom: 40 } as const;

export interface LaneColours {
  readonly bar: string;
  readonly mark: string;
  readonly recorded: string;
  readonly faint: string;
  readonly line: string;
  readonly kept: string;
  readonly live: string;
  readonly frozen: string;
  readonly offline: string;
}

/** The theme's tokens, as a canvas needs them. */
export function readLaneColours(): LaneColours {
  const style = getComputedStyle(document.documentElement);
  const token = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  return {
    bar: token('muted'),
    mark: token('detection'),
    recorded: token('live'),
    faint: token('faint'),
    line: token('line'),
    kept: token('accent'),
    live: token('live'),
    frozen: token('motion'),
    offline: token('alert'),
  };
}

/** Each thing has a shape of its own, so that a lane can be read without its colours. */
export function paintLane(
  context: CanvasRenderingContext2D,
  picture: LanePicture,
  { ticks, width, colours }: { readonly ticks: readonly (Tick & { x: number })[]; width: number; colours: LaneColours },
): void {
  context.clearRect(0, 0, width, laneHeight);
  context.fillStyle = colours.line;
  for (const { x } of ticks) context.fillRect(Math.round(x), 0, 1, laneHeight);
  context.fillRect(0, laneHeight - 1, width, 1);

  paintBars(context, picture, colours);
  paintHatched(context, picture.gaps, colours.faint);
  fill(context, picture.recorded, colours.recorded, band.top, band.bottom);
  fill(context, picture.kept, colours.kept, band.top - 1, band.top + 1);
  fill(context, picture.kept, colours.kept, band.bottom - 1, band.bottom + 1);
  fill(context, picture.live, colours.live, strip.bottom - 2, strip.bottom);
  paintDotted(context, picture.frozen, colours.frozen);
  paintFence(context, picture.offline, colours.offline);
}

function fill(
  context: CanvasRenderingContext2D,
  spans: readonly Span[],
  colour: string,
  top: number,
  bottom: number,
): void {
  context.fillStyle = colour;
  for (const { x, width } of spans) context.fillRect(x, top, width, bottom - top);
}

/** What was seen: bars, and a small triangle where a sighting began. */
function paintBars(context: CanvasRenderingContext2D, { bars, marks }: LanePicture, colours: LaneColours): void {
  context.fillStyle = colours.bar;
  const room = barsBottom - marksBottom;
  for (const { x, width, share } of bars) {
    const height = Math.max(1.5, share * room);
    context.fillRect(x, barsBottom - height, Math.max(1, width - (width > 3 ? 1 : 0)), height);
  }
  context.fillStyle = colours.mark;
  context.beginPath();
  for (const x of marks) {
    context.moveTo(x - 3, 0);
    context.lineTo(x + 3, 0);
    context.lineTo(x, marksBottom);
    context.closePath();
  }
  context.fill();
}

/** Not recorded: sloping lines between two thin ones, so that also a short one has edges. */
function paintHatched(context: CanvasRenderingContext2D, spans: readonly Span[], colour: string): void {
  context.strokeStyle = colour;
  context.fillStyle = colour;
  context.lineWidth = 1;
  const height = band.bottom - band.top;
  for (const { x, width } of spans) {
    context.fillRect(x, band.top, width, 1);
    context.fillRect(x, band.bottom - 1, width, 1);
    context.save();
    context.beginPath();
    context.rect(x, band.top, width, height);
    context.clip();
    context.beginPath();
    for (let left = Math.floor(x / 6) * 6 - height; left < x + width; left += 6) {
      context.moveTo(left, band.bottom);
      context.lineTo(left + height, band.top);
    }
    context.stroke();
    context.restore();
  }
}

/** Frozen: dots. */
function paintDotted(context: CanvasRenderingContext2D, spans: readonly Span[], colour: string): void {
  context.fillStyle = colour;
  for (const { x, width } of spans) {
    for (let left = x; left < x + width; left += 5) context.fillRect(left, strip.bottom - 3, 2, 3);
  }
}

/** Offline: a fence of upright bars, taller than anything else in its row. */
function paintFence(context: CanvasRenderingContext2D, spans: readonly Span[], colour: string): void {
  context.fillStyle = colour;
  const height = strip.bottom - strip.top;
  for (const { x, width } of spans) {
    context.fillRect(x, strip.bottom - 1, width, 1);
    for (let left = x; left < x + width; left += 4) {
      context.fillRect(left, strip.top, Math.min(2, Math.max(1, x + width - left)), height);
    }
  }
}
