import type { LaneName } from '../../../../shared/domain/lanes.ts';
import type { TimeWindow } from '../../../state/time-window.ts';
import { heights, type Gantt, type Shape } from './gantt-layout.ts';
import type { Tick } from '../../../components/time-axis.ts';

export interface GanttColours {
  readonly live: string;
  readonly archive: string;
  readonly line: string;
  readonly faint: string;
  readonly text: string;
  readonly muted: string;
  readonly bar: string;
  readonly alert: string;
  readonly accent: string;
}

/** The theme's tokens, as a canvas needs them. */
export function readColours(): GanttColours {
  const style = getComputedStyle(document.documentElement);
  const token = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  return {
    live: token('live'),
    archive: token('archive'),
    line: token('line'),
    faint: token('faint'),
    text: token('text'),
    muted: token('muted'),
    bar: token('panel'),
    alert: token('alert'),
    accent: token('accent'),
  };
}

export interface GanttPicture {
  readonly gantt: Gantt;
  readonly ticks: readonly Tick[];
  readonly window: TimeWindow;
  readonly width: number;
  readonly marked: Shape | null;
  readonly colours: GanttColours;
}

const font = '11px system-ui, sans-serif';

export function paintGantt(context: CanvasRenderingContext2D, picture: GanttPicture): void {
  const { gantt, width, colours } = picture;
  context.clearRect(0, 0, width, gantt.height);
  context.font = font;
  paintGrid(context, picture);
  // All shapes of a colour in one path: one fill instead of a thousand.
  for (const lane of ['live', 'archive'] as const) paintLane(context, gantt, lane, colours);
  paintOpen(context, gantt, colours);
  paintDetails(context, gantt, colours);
  paintShed(context, gantt, colours);
  if (picture.marked !== null) outline(context, picture.marked, colours.text);
}

function paintGrid(context: CanvasRenderingContext2D, { gantt, ticks, window, width, colours }: GanttPicture): void {
  context.fillStyle = colours.line;
  const scale = width / (window.toMs - window.fromMs);
  const xs = ticks.map((tick) => Math.round((tick.atMs - window.fromMs) * scale));
  for (const x of xs) context.fillRect(x, heights.shed, 1, gantt.axisTop - heights.shed);
  for (const row of gantt.slots.keys()) {
    for (const lane of [0, 1]) {
      const bottom = heights.shed + (row * 2 + lane) * (heights.lane + heights.gap) + heights.lane;
      context.fillRect(0, bottom, width, 1);
    }
  }
  context.fillRect(0, gantt.axisTop - 1, width, 1);
  context.fillStyle = colours.muted;
  context.textBaseline = 'top';
  for (const [index, tick] of ticks.entries()) {
    const x = xs[index] ?? 0;
    const half = context.measureText(tick.label).width / 2;
    if (x - half < 0 || x + half > width) continue;
    context.textAlign = 'center';
    context.fillText(tick.label, x, gantt.axisTop + 5);
  }
}

function paintLane(context: CanvasRenderingContext2D, gantt: Gantt, lane: LaneName, colours: GanttColours): void {
  context.fillStyle = colours[lane];
  context.beginPath();
  for (const shape of gantt.shapes) {
    if (shape.lane !== lane || shape.isOpen || shape.kind === 'shed') continue;
    // A hair of room between neighbours, where there is room for it.
    const gap = shape.width > 3 && shape.kind === 'bar' && gantt.mode === 'runs' ? 0.75 : 0;
    context.rect(shape.x, shape.y, shape.width - gap, shape.height);
  }
  context.fill();
}

function paintOpen(context: CanvasRenderingContext2D, gantt: Gantt, colours: GanttColours): void {
  for (const shape of gantt.shapes) {
    if (!shape.isOpen) continue;
    context.fillStyle = colours[shape.lane];
    context.globalAlpha = 0.45;
    context.fillRect(shape.x, shape.y, shape.width, shape.height);
    context.globalAlpha = 1;
  }
}

function paintDetails(context: CanvasRenderingContext2D, gantt: Gantt, colours: GanttColours): void {
  context.textBaseline = 'middle';
  context.textAlign = 'center';
  context.fillStyle = colours.bar;
  for (const { text, predictedX, x, y, width, height, isOpen } of gantt.shapes) {
    if (predictedX !== null) context.fillRect(predictedX, y + height - 8, 1.5, 8);
    if (text !== null && !isOpen) context.fillText(text, x + width / 2, y + height / 2);
  }
}

/** Triangles that point down, so that they are told from bars without their colour. */
function paintShed(context: CanvasRenderingContext2D, gantt: Gantt, colours: GanttColours): void {
  context.fillStyle = colours.alert;
  context.beginPath();
  for (const { kind, x, y, width, height } of gantt.shapes) {
    if (kind !== 'shed') continue;
    context.moveTo(x - 1, y);
    context.lineTo(x + width + 1, y);
    context.lineTo(x + width / 2, y + height);
    context.closePath();
  }
  context.fill();
}

function outline(context: CanvasRenderingContext2D, { x, y, width, height }: Shape, colour: string): void {
  context.strokeStyle = colour;
  context.lineWidth = 2;
  context.strokeRect(x - 1, y - 1, width + 2, height + 2);
}
