import type { AdviceQuestion, OperatingMode } from '../../shared/domain/plan.ts';
import { durationText } from './duration-text.ts';
import { figure, percent } from './number-text.ts';

/** Somebody (or something) waits for the answer: below this p95 there is no time to gather pictures. */
export const realTimeBelowMs = 300;
/** From here on pictures may wait for company, and for the night. */
export const batchFromMs = 60_000;
/** At most this share of urgent pictures is "few". */
export const fewUrgentShare = 0.3;
/** Below this share of the device's time, calls of one picture leave most of it unused. */
export const lowUtilisation = 0.3;
/** From here on the busiest minute is a burst. */
export const burstPeakToMean = 2;

export interface AdvisorRule {
  readonly rule: 'few-urgent' | 'tight-latency' | 'patient-and-cheap' | 'low-utilisation' | 'bursts';
  /** Null: the rule chooses controls, not the mode. */
  readonly mode: OperatingMode | null;
  readonly controls: readonly string[];
  readonly applies: (question: AdviceQuestion) => boolean;
  readonly text: (question: AdviceQuestion) => string;
}

/**
 * The whole of the advice. Of the rules that choose a mode the first that applies wins: few urgent pictures among many
 * need both lanes however tight their target is.
 */
export const advisorRules: readonly AdvisorRule[] = [
  {
    rule: 'few-urgent',
    mode: 'hybrid',
    controls: ['urgent pictures in the live lane, the rest in the archive lane'],
    applies: ({ urgentShare }) => urgentShare > 0 && urgentShare <= fewUrgentShare,
    text: ({ urgentShare }) =>
      `${percent(urgentShare)} of the pictures are urgent, which is few (up to ${percent(fewUrgentShare)}): hybrid`,
  },
  {
    rule: 'tight-latency',
    mode: 'real-time',
    controls: ['each picture as it arrives'],
    applies: ({ latencyTargetMs }) => latencyTargetMs < realTimeBelowMs,
    text: ({ latencyTargetMs }) =>
      `a p95 of ${durationText(latencyTargetMs)} is under ${durationText(realTimeBelowMs)}: real-time`,
  },
  {
    rule: 'patient-and-cheap',
    mode: 'batch',
    controls: ['largest batch that pays', 'checkpoints and resumption'],
    applies: ({ latencyTargetMs, freshnessMs, costMatters }) =>
      costMatters && Math.min(latencyTargetMs, freshnessMs) >= batchFromMs,
    text: ({ latencyTargetMs, freshnessMs }) =>
      `answers may take ${durationText(latencyTargetMs)} and be ${durationText(freshnessMs)} old, both ${durationText(batchFromMs)} or more, and cost matters: batch`,
  },
  {
    rule: 'low-utilisation',
    mode: null,
    controls: ['micro-batching'],
    applies: ({ utilisation }) => utilisation < lowUtilisation,
    text: ({ utilisation }) =>
      `single pictures use ${percent(utilisation)} of the device, under ${percent(lowUtilisation)}: gather them for a few ms (micro-batch)`,
  },
  {
    rule: 'bursts',
    mode: null,
    controls: ['bounded queue with shedding', 'scale instances on backlog', 'backpressure on whatever can wait'],
    applies: ({ peakToMean }) => peakToMean >= burstPeakToMean,
    text: ({ peakToMean }) =>
      `the busiest minute has ${figure(peakToMean)} times the average, ${figure(burstPeakToMean)} or more: queue, scaling and backpressure`,
  },
];
