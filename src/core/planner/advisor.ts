import type { LaneSettings } from '../../shared/domain/lanes.ts';
import type { Advice, AdviceQuestion, OperatingMode } from '../../shared/domain/plan.ts';
import { advisorRules, batchFromMs, realTimeBelowMs, type AdvisorRule } from './advisor-rules.ts';
import { durationText } from './duration-text.ts';
import { percent } from './number-text.ts';

/** A window takes at most this share of the latency target, and never more than 25 ms. */
const windowShare = 0.1;
const longestWindowMs = 25;

/** Batch, real-time or hybrid, and the controls it needs, by the five rules. */
export function advise(question: AdviceQuestion): Advice {
  const applied = advisorRules.filter((rule) => rule.applies(question));
  const chosen = applied.find(({ mode }) => mode !== null);
  // Between the two, both lanes share the device: a queue is allowed, a night is not.
  const mode = chosen?.mode ?? 'hybrid';
  const because = applied
    .filter((rule) => rule.mode === null || rule === chosen)
    // Nobody waits for an archive's pictures, so there is nothing to gather for.
    .filter(({ rule }) => rule !== 'low-utilisation' || mode !== 'batch');
  return {
    mode,
    controls: [...new Set(because.flatMap(({ controls }) => controls))],
    because:
      chosen === undefined
        ? [{ rule: 'in-between', text: inBetween(question) }, ...because.map((rule) => reason(rule, question))]
        : because.map((rule) => reason(rule, question)),
    sentence: sentenceFor(mode, question),
    settings: settingsFor(mode, question, new Set(because.map(({ rule }) => rule))),
  };
}

const reason = ({ rule, text }: AdvisorRule, question: AdviceQuestion): { rule: string; text: string } => ({
  rule,
  text: text(question),
});

function inBetween({ latencyTargetMs }: AdviceQuestion): string {
  return latencyTargetMs < batchFromMs
    ? `a p95 of ${durationText(latencyTargetMs)} lies between ${durationText(realTimeBelowMs)} and ${durationText(batchFromMs)}: a short queue is allowed, a night is not: hybrid`
    : 'answers may wait, but they must be fresh or cost does not matter: hybrid';
}

function sentenceFor(
  mode: OperatingMode,
  { latencyTargetMs, freshnessMs, costMatters, urgentShare, utilisation }: AdviceQuestion,
): string {
  const [latency, freshness] = [durationText(latencyTargetMs), durationText(freshnessMs)];
  switch (mode) {
    case 'real-time':
      return `Real-time: a latency of ${latency} leaves no time to gather pictures, freshness is ${freshness}, and the cost of a device that is kept free (${percent(Math.min(1, utilisation))} used) is ${costMatters ? 'lowered by the archive work beside it' : 'accepted'}.`;
    case 'batch':
      return `Batch: a latency of ${latency} and a freshness of ${freshness} let pictures wait for the largest batch that pays, so that cost decides.`;
    case 'hybrid':
      return urgentShare > 0 && urgentShare < 1
        ? `Hybrid: a latency of ${latency} is kept for the urgent ${percent(urgentShare)} alone, the other ${percent(1 - urgentShare)} follow within the freshness of ${freshness}, at the ${costMatters ? 'low ' : ''}cost of batches.`
        : `Hybrid: a latency of ${latency} and a freshness of ${freshness} allow a short queue, and archive work in the gaps keeps the cost of the device down.`;
  }
}

function settingsFor(
  mode: OperatingMode,
  { latencyTargetMs }: AdviceQuestion,
  rules: ReadonlySet<string>,
): Partial<LaneSettings> {
  const windowMs = Math.min(longestWindowMs, Math.floor(windowShare * latencyTargetMs));
  const gathers = rules.has('low-utilisation');
  const live: Partial<LaneSettings> = gathers
    ? { liveWindowMs: 'auto', liveBatch: 'auto', api: { windowMs, batch: 16 } }
    : { liveWindowMs: 0, liveBatch: 'auto', api: { windowMs: 0, batch: 1 } };
  const byMode: Readonly<Record<OperatingMode, Partial<LaneSettings>>> = {
    'real-time': { mode: 'strict', archiveFloorShare: 0, ...live },
    batch: { mode: 'throughput', archiveFloorShare: 0.25, archiveBatch: 'auto' },
    hybrid: {
      mode: latencyTargetMs < realTimeBelowMs ? 'strict' : 'balanced',
      archiveFloorShare: 0.05,
      archiveBatch: 'auto',
      ...live,
    },
  };
  return rules.has('bursts') ? { ...byMode[mode], instances: { scale: 'auto', most: 2 } } : byMode[mode];
}
