import type { CameraSettings, LatencyMs } from '../../shared/domain/camera.ts';
import type { LaneSettings } from '../../shared/domain/lanes.ts';
import type { Finding } from '../../shared/domain/plan.ts';
import { durationText } from './duration-text.ts';
import { figure, percent } from './number-text.ts';

/** What is measured now, about everything that the five classic mistakes can be seen in. */
export interface SelfCheckFacts {
  /** As they are set, so that nobody is told to set what is set. */
  readonly settings: Pick<LaneSettings, 'mode' | 'liveBatch' | 'liveWindowMs'>;
  readonly cameras: readonly CameraFacts[];
  readonly queues: readonly QueueFacts[];
  /** Live batches as they may be formed now. */
  readonly liveBatches: readonly LiveBatchFacts[];
  /** First live runs of a model and input in this engine. */
  readonly firstFrames: readonly FirstFrameFacts[];
}

export interface CameraFacts {
  readonly name: string;
  readonly weight: CameraSettings['weight'];
  readonly sloMs: number;
  readonly latencyMs: LatencyMs | null;
  readonly isOpen: boolean;
  /** Something acts on its results by itself (a rule, an alert, a recipient). */
  readonly hasRule: boolean;
  /** How long its results have been waiting for somebody to look, and had waited when somebody last did. */
  readonly unreadMs: number;
  readonly waitedMs: number | null;
  /** Share of the slot that it takes, 0..1. */
  readonly slotShare: number;
}

export interface QueueFacts {
  readonly name: string;
  /** Taken in and given up since it is counted. */
  readonly entered: number;
  readonly shed: number;
}

export interface LiveBatchFacts {
  readonly subject: string;
  /** The largest that is in use, what it takes and the window it may be held back for. */
  readonly batch: number;
  readonly runMs: number;
  readonly windowMs: number;
  /** The smallest promise among the cameras that it serves. */
  readonly sloMs: number;
}

export interface FirstFrameFacts {
  readonly subject: string;
  readonly firstMs: number;
  readonly p95Ms: number;
}

/** A queue that sheds more than this share is too small, or what drains it too slow. */
export const shedLimit = 0.01;
/** A first frame may take so many times the p95. */
export const coldFactor = 3;
/** Live results that nobody has looked at for so long could as well have come in the morning. */
export const unreadLimitMs = 4 * 3_600_000;
/** Fewer than this say nothing about a share. */
const leastEntered = 100;

/** One finding at least for each of the five; those that are well are told too. */
export function selfCheck(facts: SelfCheckFacts): Finding[] {
  return [
    ...orWell(
      facts.cameras.flatMap((camera) => tailIgnored(camera, facts.settings)),
      'tail-ignored',
      'Every camera keeps its promise at p99, or breaks it visibly at p50.',
    ),
    ...orWell(facts.queues.flatMap(queueSheds), 'queue-sheds', `No queue sheds more than ${percent(shedLimit)}.`),
    ...orWell(
      facts.liveBatches.flatMap((batch) => batchOverBudget(batch, facts.settings)),
      'batch-over-budget',
      'The largest live batch in use fits the smallest promise, its window and a wait for the call before it included.',
    ),
    ...orWell(
      facts.firstFrames.flatMap(coldModel),
      'cold-model',
      `No first frame took more than ${figure(coldFactor)} times the p95: models are warm before they serve.`,
    ),
    ...orWell(
      facts.cameras.flatMap(nobodyLooks),
      'nobody-looks',
      'Every live camera has a rule, or somebody looked at its results lately.',
    ),
  ];
}

function orWell(found: readonly Finding[], id: Finding['id'], text: string): readonly Finding[] {
  if (found.length > 0) return found;
  return [{ id, level: 'ok', subject: null, text, number: null, limit: null, unit: '', fix: null }];
}

function tailIgnored(
  { name, weight, sloMs, latencyMs, isOpen }: CameraFacts,
  { mode }: SelfCheckFacts['settings'],
): Finding[] {
  if (!isOpen || latencyMs === null || latencyMs.p50 > sloMs || latencyMs.p99 <= sloMs) return [];
  const steps = [
    ...(weight === 'critical' ? [] : [`mark ${name} as critical`]),
    ...(mode === 'strict' ? [] : ['use strict mode']),
    'ask for fewer frames a second',
    `promise ${figure(Math.ceil(latencyMs.p99 / 10) * 10)} ms`,
  ];
  return [
    {
      id: 'tail-ignored',
      level: latencyMs.p95 > sloMs ? 'error' : 'warning',
      subject: name,
      text: `${name}: the average looks fine (p50 ${figure(latencyMs.p50)} ms), but p99 is ${figure(latencyMs.p99)} ms of ${figure(sloMs)} ms promised.`,
      number: latencyMs.p99,
      limit: sloMs,
      unit: 'ms',
      fix: oneOf(steps),
    },
  ];
}

/** "A, b, or c." */
function oneOf(steps: readonly string[]): string {
  const [first = '', ...rest] = steps;
  const others = rest.map((step, index) => (index === rest.length - 1 ? `, or ${step}` : `, ${step}`));
  return `${first.charAt(0).toUpperCase()}${first.slice(1)}${others.join('')}.`;
}

function queueSheds({ name, entered, shed }: QueueFacts): Finding[] {
  if (entered < leastEntered || shed / entered <= shedLimit) return [];
  const share = shed / entered;
  return [
    {
      id: 'queue-sheds',
      level: share > 10 * shedLimit ? 'error' : 'warning',
      subject: name,
      text: `${name} sheds ${percent(share)} (${String(shed)} of ${String(entered)}).`,
      number: (100 * shed) / entered,
      limit: shedLimit * 100,
      unit: '%',
      fix: 'Ask for fewer frames a second, use the fast tier, or let another executor join when there is a backlog.',
    },
  ];
}

/** A frame may wait for the call that runs, be held back for the window, and then take a call itself. */
function batchOverBudget(
  { subject, batch, runMs, windowMs, sloMs }: LiveBatchFacts,
  { liveBatch, liveWindowMs }: SelfCheckFacts['settings'],
): Finding[] {
  const longestMs = 2 * runMs + windowMs;
  if (longestMs <= sloMs) return [];
  const steps = [
    ...(liveBatch === 'auto' || liveBatch === 1 ? [] : ['set the live batch to a smaller size or to auto']),
    ...(liveWindowMs === 'auto' || liveWindowMs === 0 ? [] : ['set the window to 0']),
    'use a smaller tier',
    `promise ${figure(Math.ceil(longestMs / 10) * 10)} ms`,
  ];
  return [
    {
      id: 'batch-over-budget',
      level: runMs > sloMs ? 'error' : 'warning',
      subject,
      text: `${subject}: a live batch of ${String(batch)} takes ${figure(runMs)} ms; with the call before it and a window of ${figure(windowMs)} ms that is ${figure(longestMs)} ms of ${figure(sloMs)} ms promised.`,
      number: longestMs,
      limit: sloMs,
      unit: 'ms',
      fix: oneOf(steps),
    },
  ];
}

function coldModel({ subject, firstMs, p95Ms }: FirstFrameFacts): Finding[] {
  if (firstMs <= coldFactor * p95Ms) return [];
  return [
    {
      id: 'cold-model',
      level: 'warning',
      subject,
      text: `${subject}: the first live run took ${figure(firstMs)} ms, ${figure(firstMs / p95Ms)} times the p95 of ${figure(p95Ms)} ms.`,
      number: firstMs,
      limit: coldFactor * p95Ms,
      unit: 'ms',
      fix: 'Calibrate this model, so that it is warm before a camera uses it.',
    },
  ];
}

function nobodyLooks({ name, isOpen, hasRule, unreadMs, waitedMs, slotShare }: CameraFacts): Finding[] {
  const isUnread = unreadMs >= unreadLimitMs;
  const longestMs = isUnread ? unreadMs : (waitedMs ?? 0);
  if (!isOpen || hasRule || longestMs < unreadLimitMs) return [];
  const told = isUnread
    ? `its results have not been read for ${durationText(longestMs)}`
    : `its results were first read after ${durationText(longestMs)}`;
  return [
    {
      id: 'nobody-looks',
      level: 'warning',
      subject: name,
      text: `${name} has no rule; ${told}: move it to the night lane, frees ${percent(slotShare)}.`,
      number: longestMs / 3_600_000,
      limit: unreadLimitMs / 3_600_000,
      unit: 'h',
      fix: `Record ${name} and scan the recording at night, or lower its frames a second.`,
    },
  ];
}
