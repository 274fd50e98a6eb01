import { batchLadder } from '../../shared/domain/lanes.ts';
import type { BatchAnswer, BatchQuestion, PlannedP95 } from '../../shared/domain/plan.ts';
import { plannedP95, queueCapOf } from './batch-queue.ts';
import { callMs } from './call-curve.ts';
import { figure, percent } from './number-text.ts';

/** Above this utilisation, twice the rate could not be carried. */
const halfBusy = 0.5;

interface Candidate {
  readonly batch: number;
  readonly batchLatencyMs: number;
  readonly imagesPerSecond: number;
  readonly utilisation: number;
  readonly p95Ms: PlannedP95;
}

/**
 * The smallest batch whose throughput carries the rate and whose p95 keeps the promise, also in bursts. Where only
 * steady arrivals keep it, the batch with the shortest tail in bursts, and it is said that bursts are shed.
 */
export function planBatch(question: BatchQuestion): BatchAnswer {
  const { p95Ms: promiseMs } = question;
  const candidates = sizesToLookAt(question.linearTo).map((batch) => candidateOf(question, batch));
  const useful = candidates.filter(({ batch }) => batch <= question.linearTo);
  const inBursts = useful.find(({ p95Ms }) => (p95Ms.bursty ?? Infinity) <= promiseMs);
  const taken = inBursts ?? shortest(useful.filter(({ p95Ms }) => (p95Ms.steady ?? Infinity) <= promiseMs)) ?? null;
  const shown = taken ?? best(useful);
  return {
    batch: taken?.batch ?? null,
    batchLatencyMs: shown.batchLatencyMs,
    imagesPerSecond: shown.imagesPerSecond,
    utilisation: shown.utilisation,
    p95Ms: shown.p95Ms,
    queueCap: taken === null ? 0 : queueCapOf(taken.batchLatencyMs, taken.batch, promiseMs),
    controls: controlsFor(question, taken),
    reasoning: taken === null ? whyNone(question, shown) : whyTaken(question, taken, candidates, taken !== inBursts),
    considered: candidates.map((candidate) => ({
      ...candidate,
      taken: candidate === taken,
      why:
        candidate === taken
          ? 'the smallest that carries the rate within the promise'
          : whyNot(question, candidate, taken),
    })),
  };
}

/** The ladder up to where batches gain, that point itself, and one step further to show that nothing is gained there. */
function sizesToLookAt(linearTo: number): number[] {
  const sizes = new Set<number>(batchLadder.filter((size) => size <= linearTo));
  sizes.add(linearTo);
  const further = batchLadder.find((size) => size > linearTo);
  if (further !== undefined) sizes.add(further);
  return [...sizes].sort((a, b) => a - b);
}

function candidateOf(question: BatchQuestion, batch: number): Candidate {
  const batchLatencyMs = callMs(question, batch);
  const imagesPerSecond = (batch * 1000) / batchLatencyMs;
  const utilisation = question.rate / imagesPerSecond;
  return { batch, batchLatencyMs, imagesPerSecond, utilisation, p95Ms: plannedP95(batch, batchLatencyMs, utilisation) };
}

function best(candidates: readonly Candidate[]): Candidate {
  return candidates.reduce((a, b) => (b.imagesPerSecond > a.imagesPerSecond ? b : a));
}

function shortest(candidates: readonly Candidate[]): Candidate | undefined {
  return candidates.length === 0
    ? undefined
    : candidates.reduce((a, b) => ((b.p95Ms.bursty ?? Infinity) < (a.p95Ms.bursty ?? Infinity) ? b : a));
}

function controlsFor({ p95Ms: promiseMs }: BatchQuestion, taken: Candidate | null): string[] {
  const controls = ['bounded queue with shedding'];
  const isTight = taken === null || taken.utilisation > halfBusy || (taken.p95Ms.bursty ?? Infinity) > promiseMs;
  if (isTight) controls.push('scale instances on backlog');
  return controls;
}

function whyNot(question: BatchQuestion, candidate: Candidate, taken: Candidate | null): string {
  const { rate, p95Ms: promiseMs, linearTo } = question;
  if (candidate.utilisation >= 1)
    return `refused: ${figure(candidate.imagesPerSecond)}/s do not carry ${figure(rate)}/s`;
  if (candidate.batch > linearTo) return `refused: nothing is gained beyond ${String(linearTo)}`;
  const { steady, bursty } = candidate.p95Ms;
  if ((steady ?? Infinity) > promiseMs)
    return `refused: p95 ${figure(steady ?? Infinity)} ms is over ${figure(promiseMs)} ms even with steady arrivals`;
  if ((bursty ?? Infinity) > promiseMs && (taken?.p95Ms.bursty ?? Infinity) < (bursty ?? Infinity))
    return `refused: p95 ${figure(bursty ?? Infinity)} ms in bursts is over ${figure(promiseMs)} ms`;
  return `not needed: ${String(taken?.batch ?? linearTo)} carries the rate`;
}

function whyTaken(
  question: BatchQuestion,
  taken: Candidate,
  candidates: readonly Candidate[],
  bursts: boolean,
): string[] {
  const { singleMs, overheadMs, linearTo, rate, p95Ms: promiseMs } = question;
  const { batch, batchLatencyMs, imagesPerSecond, utilisation, p95Ms } = taken;
  const smaller = [...candidates].reverse().find((other) => other.batch < batch);
  const cap = queueCapOf(batchLatencyMs, batch, promiseMs);
  return [
    `Up to ${String(linearTo)} pictures share one call: ${String(batch)} take ${figure(singleMs)} + ${figure(overheadMs)} = ${figure(batchLatencyMs)} ms, which is ${figure(imagesPerSecond)} pictures/s.`,
    smaller === undefined
      ? 'Not even a batch of 2 is needed.'
      : `A batch of ${String(smaller.batch)} gives ${figure(smaller.imagesPerSecond)}/s and is ${whyNot(question, smaller, taken)}.`,
    `${figure(rate)}/s of ${figure(imagesPerSecond)}/s is a utilisation of ${percent(utilisation)}.`,
    `Steady arrivals wait for the call that runs and take part in the next: p95 about ${figure(p95Ms.steady ?? Infinity)} ms.`,
    `In bursts (${batch === 1 ? 'single pictures' : `groups of 1 to ${String(batch)} pictures`} at random moments) the wait is stretched by 1 / (1 - utilisation): p95 about ${figure(p95Ms.bursty ?? Infinity)} ms of ${figure(promiseMs)} ms${bursts ? ', which is over the promise: bursts are shed' : ''}.`,
    `Queue of ${String(cap)}: floor((${figure(promiseMs)} - ${figure(batchLatencyMs)}) / ${figure(batchLatencyMs)}) calls of ${String(batch)} may be ahead of a picture that still keeps the promise; more is shed.`,
    utilisation > halfBusy
      ? `Twice the rate would not be carried (${percent(2 * utilisation)}): add an instance when the backlog stays longer than the promise.`
      : `Twice the rate would be carried too (${percent(2 * utilisation)}).`,
  ];
}

function whyNone(question: BatchQuestion, bestOne: Candidate): string[] {
  const { rate, p95Ms: promiseMs, linearTo, singleMs, overheadMs } = question;
  const { batch, batchLatencyMs, imagesPerSecond, utilisation, p95Ms } = bestOne;
  if (utilisation >= 1) {
    const instances = Math.floor(utilisation / 0.8) + 1;
    return [
      `No batch carries ${figure(rate)}/s: the best, ${String(batch)}, gives ${figure(imagesPerSecond)}/s (${figure(batchLatencyMs)} ms a call), so the queue would grow without end.`,
      `Missing: ${figure(rate - imagesPerSecond)}/s. ${String(instances)} such devices carry it at 80 % of their time or less, or a model that takes less than ${figure((linearTo * 1000 * 0.8) / rate - overheadMs)} ms instead of ${figure(singleMs)} ms (0 or less: no model does on one device).`,
    ];
  }
  if (batchLatencyMs > promiseMs) {
    return [
      `The promise of ${figure(promiseMs)} ms is shorter than one call of ${figure(batchLatencyMs)} ms, whatever the batch.`,
      `Missing: a call of ${figure(promiseMs / 2)} ms or less (a smaller model or input, a faster device), or a promise of ${figure(2 * batchLatencyMs)} ms.`,
    ];
  }
  return [
    `${figure(rate)}/s are carried, but a picture waits for the call that runs: p95 is ${figure(p95Ms.steady ?? Infinity)} ms with steady arrivals, over the promise of ${figure(promiseMs)} ms.`,
    `Missing: a call of ${figure(promiseMs / 2)} ms or less instead of ${figure(batchLatencyMs)} ms, or a promise of ${figure(2 * batchLatencyMs)} ms.`,
  ];
}
