/**
 * When a second executor is worth having. Executors of one machine share its cores, so one is right until measurement
 * says otherwise; a further one is added only for a backlog that lasts, only where it is predicted to pay, and it is sent
 * away again if it then does not.
 */
export interface InstanceFacts {
  readonly nowMonoMs: number;
  readonly scale: 'off' | 'auto';
  /** The most executors that may be. */
  readonly most: number;
  /** Executors that take work, and whether one more is on its way. */
  readonly count: number;
  readonly warming: boolean;
  /** Work that waits, in milliseconds of one executor's time, and how much of it one clears within its promise. */
  readonly backlogMs: number;
  readonly clearsMs: number;
  readonly cores: number;
  readonly threadsEach: number;
  /** Cameras that are live: cores are never shared away from them. */
  readonly liveCameras: number;
  /** Measured duration of one picture with all of an executor's threads and with half of them; null: not measured. */
  readonly wholeMs: number | null;
  readonly halfMs: number | null;
  /** Archive pictures a second, all executors together, over the last ten seconds. */
  readonly archivePerSecond: number;
}

/** What has to be remembered between two looks. */
export interface InstanceWatch {
  readonly overSinceMonoMs: number | null;
  readonly idleSinceMonoMs: number | null;
  /** The newest executor: since when it works, and the rate before it came. */
  readonly newest: { readonly sinceMonoMs: number; readonly rateBefore: number } | null;
  /** The further executors work on cores that the first one uses too. */
  readonly sharesCores: boolean;
  /** No other try before this. */
  readonly notBeforeMonoMs: number;
}

export type InstanceDecision =
  | { readonly do: 'stay'; readonly why: string }
  | { readonly do: 'add'; readonly threads: number; readonly why: string }
  | { readonly do: 'retire'; readonly why: string };

export const firstWatch: InstanceWatch = {
  overSinceMonoMs: null,
  idleSinceMonoMs: null,
  newest: null,
  sharesCores: false,
  notBeforeMonoMs: Number.NEGATIVE_INFINITY,
};

const worthwhileGain = 0.1;
const backlogLastsMs = 10_000;
const idleLastsMs = 60_000;
/** A new executor is judged by what came of it after this long. */
const judgedAfterMs = 30_000;
const tryAgainAfterMs = 3_600_000;

/** To be asked once a second; changes nothing, the caller keeps the watch that is answered. */
export function decideInstances(
  watch: InstanceWatch,
  facts: InstanceFacts,
): { readonly watch: InstanceWatch; readonly decision: InstanceDecision } {
  const { nowMonoMs, backlogMs, clearsMs, count } = facts;
  const over = backlogMs > clearsMs;
  const overSinceMonoMs = over ? (watch.overSinceMonoMs ?? nowMonoMs) : null;
  const idleSinceMonoMs = backlogMs <= 0 ? (watch.idleSinceMonoMs ?? nowMonoMs) : null;
  const seen = { ...watch, overSinceMonoMs, idleSinceMonoMs, newest: count > 1 ? watch.newest : null };
  if (count > 1) return retireOrStay(seen, facts);
  if (facts.scale === 'off') return stay(seen, 'one executor: more are switched off');
  if (facts.most <= 1) return stay(seen, 'one executor: no more are allowed');
  if (facts.warming) return stay(seen, 'a second executor is warming up');
  const { gain, threads, sharesCores, text } = predictedGain(facts);
  if (overSinceMonoMs === null) return stay(seen, 'one executor: it clears what waits');
  if (nowMonoMs - overSinceMonoMs < backlogLastsMs)
    return stay(seen, 'one executor: more waits than it clears, not for long yet');
  if (gain === null) return stay(seen, `one executor: ${text}`);
  if (gain < worthwhileGain) return stay(seen, `one executor: a second would help by ${percent(gain)} (${text})`);
  if (sharesCores && facts.liveCameras > 0)
    return stay(seen, 'one executor: a second would take cores from the cameras');
  if (nowMonoMs < seen.notBeforeMonoMs) return stay(seen, 'one executor: a second was tried and did not help');
  return {
    watch: { ...seen, sharesCores, newest: { sinceMonoMs: nowMonoMs, rateBefore: facts.archivePerSecond } },
    decision: {
      do: 'add',
      threads,
      why: `${seconds(backlogMs)} of work wait, one executor clears ${seconds(clearsMs)} in time; a second is predicted to help by ${percent(gain)} (${text})`,
    },
  };
}

/** The new executor is warm and takes work from now on: it is judged from here. */
export const joined = (watch: InstanceWatch, nowMonoMs: number): InstanceWatch =>
  watch.newest === null ? watch : { ...watch, newest: { ...watch.newest, sinceMonoMs: nowMonoMs } };

function retireOrStay(
  watch: InstanceWatch,
  { nowMonoMs, scale, most, count, archivePerSecond, liveCameras }: InstanceFacts,
): { readonly watch: InstanceWatch; readonly decision: InstanceDecision } {
  const { idleSinceMonoMs, newest } = watch;
  const retire = (why: string, notBeforeMonoMs = watch.notBeforeMonoMs) => ({
    watch: { ...watch, newest: null, notBeforeMonoMs },
    decision: { do: 'retire', why } as const,
  });
  if (scale === 'off') return retire('more than one executor is switched off');
  if (count > most) return retire(`at most ${String(most)} are allowed`);
  if (watch.sharesCores && liveCameras > 0) return retire('it would take cores from the cameras');
  if (idleSinceMonoMs !== null && nowMonoMs - idleSinceMonoMs >= idleLastsMs) return retire('nothing waited for 60 s');
  if (newest !== null && idleSinceMonoMs === null && nowMonoMs - newest.sinceMonoMs >= judgedAfterMs) {
    const gain = newest.rateBefore > 0 ? archivePerSecond / newest.rateBefore - 1 : 1;
    const rates = `${newest.rateBefore.toFixed(1)} pictures/s before, ${archivePerSecond.toFixed(1)} with it`;
    if (gain < worthwhileGain) return retire(`it did not help: ${rates}`, nowMonoMs + tryAgainAfterMs);
    return stay({ ...watch, newest: null }, `${String(count)} executors: ${rates}`);
  }
  return stay(watch, `${String(count)} executors`);
}

/**
 * Idle cores give a second executor room of its own. Where one has them all, two with half of them each do twice what
 * half of the threads do.
 */
function predictedGain({ cores, threadsEach, count, wholeMs, halfMs }: InstanceFacts): {
  readonly gain: number | null;
  readonly threads: number;
  readonly sharesCores: boolean;
  readonly text: string;
} {
  const spare = cores - count * threadsEach;
  if (spare >= threadsEach) {
    return {
      gain: 1 / count,
      threads: threadsEach,
      sharesCores: false,
      text: `${String(spare)} of ${String(cores)} cores are free`,
    };
  }
  const threads = Math.max(1, Math.floor(threadsEach / 2));
  const sharesCores = true;
  if (threadsEach < 2) return { gain: 0, threads, sharesCores, text: 'there is one core' };
  if (wholeMs === null || halfMs === null) {
    return {
      gain: null,
      threads,
      sharesCores,
      text: 'half of the threads is not measured yet; calibrate while nothing runs',
    };
  }
  return {
    gain: (2 * wholeMs) / halfMs - 1,
    threads,
    sharesCores,
    text: `a picture takes ${wholeMs.toFixed(1)} ms with ${String(threadsEach)} threads and ${halfMs.toFixed(1)} ms with ${String(threads)}`,
  };
}

const stay = (watch: InstanceWatch, why: string) => ({ watch, decision: { do: 'stay', why } as const });
const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
const seconds = (ms: number): string =>
  ms === Number.POSITIVE_INFINITY ? 'more than can be counted' : `${(ms / 1000).toFixed(1)} s`;
