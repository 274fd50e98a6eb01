import type { ProcessLook } from './process-look.ts';

/** The application at one moment of a soak. */
export interface SoakSample {
  /** Since the soak began. */
  readonly atMs: number;
  readonly host: ProcessLook;
  readonly engine: ProcessLook;
  /** The host's, over the last minute. */
  readonly eventLoopP99Ms: number;
  /** Run by the archive lane so far. */
  readonly archiveFrames: number;
}

/** How a soak ended. */
export interface SoakEnd {
  readonly cameras: number;
  readonly sloMet: number;
  readonly captured: number;
  readonly analysed: number;
  readonly dropped: number;
  /** Captured, and neither analysed nor dropped nor waiting. */
  readonly unaccounted: number;
  readonly worstP95Ms: number;
  readonly recordedMb: number;
  readonly files: number;
  readonly gaps: number;
  readonly packetsLeftOut: number;
  readonly itemsDone: number;
  readonly engineRestarts: number;
}

export interface JudgedFigure {
  readonly figure: string;
  readonly value: number;
  readonly atMost: number;
  readonly kept: boolean;
}

export interface SoakBounds {
  /** Growth of each process, MB a minute. Within a minute buffers and heaps still find their size. */
  readonly hostMbPerMinute: number;
  readonly engineMbPerMinute: number;
  /** A thread that begins its work late (a repair, a still) brings a dozen; one lost with each file would be hundreds. */
  readonly moreHandles: number;
  readonly moreThreads: number;
  /** A system that gives its processors to others makes a loop late too; within a minute only what blocks it is told apart. */
  readonly eventLoopP99Ms: number;
  /** Share of captured frames. */
  readonly droppedShare: number;
  /** Cameras that may have missed their promise; null: a minute on a machine that others use as well says nothing about that. */
  readonly missedCameras: number | null;
  readonly archiveStandsMs: number;
}

export const soakBounds = (minutes: number): SoakBounds => ({
  hostMbPerMinute: minutes < 10 ? 60 : 1,
  engineMbPerMinute: minutes < 10 ? 60 : 1,
  moreHandles: 16,
  moreThreads: 4,
  eventLoopP99Ms: minutes < 10 ? 100 : 8,
  droppedShare: 0.05,
  missedCameras: minutes < 10 ? null : 0,
  archiveStandsMs: 15_000,
});

/** Every figure against its bound. The first part of the time is left out of what is a matter of growth. */
export function judgeSoak(samples: readonly SoakSample[], end: SoakEnd, bounds: SoakBounds): readonly JudgedFigure[] {
  const settled = samples.slice(Math.floor(samples.length / 4));
  const figures: [figure: string, value: number, atMost: number][] = [
    ['host, MB a minute', growthPerMinute(settled, ({ host }) => host.residentMb), bounds.hostMbPerMinute],
    ['engine, MB a minute', growthPerMinute(settled, ({ engine }) => engine.residentMb), bounds.engineMbPerMinute],
    ['host, more handles', moreAtTheEnd(settled, ({ host }) => host.handles), bounds.moreHandles],
    ['engine, more handles', moreAtTheEnd(settled, ({ engine }) => engine.handles), bounds.moreHandles],
    ['host, more threads', moreAtTheEnd(settled, ({ host }) => host.threads), bounds.moreThreads],
    ['engine, more threads', moreAtTheEnd(settled, ({ engine }) => engine.threads), bounds.moreThreads],
    ['event loop p99, ms', Math.max(...settled.map(({ eventLoopP99Ms }) => eventLoopP99Ms)), bounds.eventLoopP99Ms],
    ['archive stood still, ms', longestStand(samples), bounds.archiveStandsMs],
    ['dropped share', end.captured === 0 ? 1 : end.dropped / end.captured, bounds.droppedShare],
    ['frames unaccounted for', Math.abs(end.unaccounted), 0],
    ['gaps in the recordings', end.gaps, 0],
    ['packets left out', end.packetsLeftOut, 0],
    ['engine restarts', end.engineRestarts, 0],
  ];
  if (bounds.missedCameras !== null)
    figures.push(['cameras that missed their SLO', end.cameras - end.sloMet, bounds.missedCameras]);
  return figures.map(([figure, value, atMost]) => ({
    figure,
    value: Math.round(value * 100) / 100,
    atMost,
    kept: value <= atMost,
  }));
}

/** Least squares over all samples. */
export function growthPerMinute(samples: readonly SoakSample[], of: (sample: SoakSample) => number): number {
  const minutes = samples.map(({ atMs }) => atMs / 60_000);
  const values = samples.map(of);
  const [meanMinute, meanValue] = [mean(minutes), mean(values)];
  let [together, alone] = [0, 0];
  for (const [index, minute] of minutes.entries()) {
    together += (minute - meanMinute) * ((values[index] ?? 0) - meanValue);
    alone += (minute - meanMinute) ** 2;
  }
  return alone === 0 ? 0 : together / alone;
}

/** The most of the last third above the most of the first: what comes and goes all the time is in both. */
function moreAtTheEnd(samples: readonly SoakSample[], of: (sample: SoakSample) => number): number {
  const third = Math.max(1, Math.floor(samples.length / 3));
  return Math.max(...samples.slice(-third).map(of)) - Math.max(...samples.slice(0, third).map(of));
}

function longestStand(samples: readonly SoakSample[]): number {
  let longestMs = 0;
  let movedAtMs = samples[0]?.atMs ?? 0;
  for (const [index, { atMs, archiveFrames }] of samples.entries()) {
    if (archiveFrames !== samples[index - 1]?.archiveFrames) movedAtMs = atMs;
    longestMs = Math.max(longestMs, atMs - movedAtMs);
  }
  return longestMs;
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
