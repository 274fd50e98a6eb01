import type { NextRun, ScheduleRules } from '../../shared/domain/schedule.ts';
import { hourMs, minuteMs } from '../../shared/local-time.ts';
import { allowedFrom, mayRunAt } from './allowed-hours.ts';
import { dueTimes, type DueTimes } from './due-times.ts';

/** A run that begins so long after its time is on time: a machine that starts up again takes that long. */
const onTimeMs = 5 * minuteMs;
/** Of more missed times than this it is said that there were so many or more. */
const mostCounted = 1_000;

export interface MissedTimes {
  readonly lastDueMs: number;
  readonly count: number;
  /** There were more. */
  readonly atLeast: boolean;
  /** `overtaken`: a later one is run in their place. `too-late`: the schedule leaves out what was missed. */
  readonly why: 'overtaken' | 'too-late';
}

export interface RunDecision {
  /** Everything that was due up to then is dealt with, once the rest of the decision is kept. */
  readonly consideredMs: number;
  /** `lateMs`: how long after it could have started; 0: on time. */
  readonly run: { readonly dueMs: number; readonly lateMs: number } | null;
  readonly missed: MissedTimes | null;
}

/**
 * What a schedule does now; `consideredMs` is that of its last decision. Of several times that passed the latest is run, once. Outside
 * of the hours in which it may run nothing is decided: what is due then starts when they begin.
 *
 * A clock that was put back makes the schedule consider those times again. Whoever keeps the runs knows them by when they
 * were due, and starts none twice.
 */
export function decideRun(rules: ScheduleRules, consideredMs: number, nowMs: number): RunDecision {
  if (nowMs < consideredMs) return { consideredMs: nowMs, run: null, missed: null };
  const next = dueTimes(rules.when, rules.timeZone);
  const dueMs = latestDue(next, consideredMs, nowMs);
  if (dueMs === null || !mayRunAt(rules, nowMs)) return { consideredMs, run: null, missed: null };
  const lateMs = nowMs - (allowedFrom(rules, dueMs) ?? nowMs);
  const isLate = lateMs > onTimeMs;
  const { count, atLeast } = countDue(next, consideredMs, dueMs);
  if (isLate && rules.missed === 'skip') {
    return { consideredMs: nowMs, run: null, missed: { lastDueMs: dueMs, count: count + 1, atLeast, why: 'too-late' } };
  }
  const before = latestDue(next, consideredMs, dueMs - 1);
  return {
    consideredMs: nowMs,
    run: { dueMs, lateMs: isLate ? lateMs : 0 },
    missed: before === null ? null : { lastDueMs: before, count, atLeast, why: 'overtaken' },
  };
}

/** When it runs next: what is due but has to wait for its hours, or else the next time. Null: never. */
export function nextRun(rules: ScheduleRules, consideredMs: number, nowMs: number): NextRun | null {
  const next = dueTimes(rules.when, rules.timeZone);
  const dueMs = latestDue(next, Math.min(consideredMs, nowMs), nowMs) ?? next(nowMs);
  if (dueMs === null) return null;
  const startMs = allowedFrom(rules, Math.max(dueMs, nowMs));
  return startMs === null ? null : { dueMs, startMs };
}

/** The last due time in (afterMs, untilMs]. */
function latestDue(next: DueTimes, afterMs: number, untilMs: number): number | null {
  const first = next(afterMs);
  if (first === null || first > untilMs) return null;
  // From the end, in ever longer steps: after a month's sleep a pattern of every minute has passed forty thousand times.
  for (let spanMs = hourMs; ; spanMs *= 4) {
    const fromMs = Math.max(afterMs, untilMs - spanMs);
    let latest: number | null = null;
    for (let due = next(fromMs); due !== null && due <= untilMs; due = next(due)) latest = due;
    if (latest !== null) return latest;
  }
}

/** How many are due in (afterMs, beforeMs). */
function countDue(next: DueTimes, afterMs: number, beforeMs: number): { count: number; atLeast: boolean } {
  let count = 0;
  for (let due = next(afterMs); due !== null && due < beforeMs; due = next(due)) {
    if (count === mostCounted) return { count, atLeast: true };
    count += 1;
  }
  return { count, atLeast: false };
}
