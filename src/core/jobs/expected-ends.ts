/** A job that runs beside others. */
export interface SharingJob {
  readonly id: string;
  readonly weight: number;
  /** Only so many of these run at once: when it ends, the next one that waits begins. */
  readonly holdsTurn: boolean;
  /** Null: not known yet. */
  readonly framesLeft: number | null;
  /** Measured beside the others that run now; null: it has not shown any speed yet. */
  readonly framesPerSecond: number | null;
}

interface Share {
  readonly id: string;
  readonly weight: number;
  readonly holdsTurn: boolean;
  /** What it would do if it had everything. */
  readonly alonePerSecond: number;
  framesLeft: number;
}

/** The id of what does not run yet. */
const notRunning = '';

/** A job that is asked for now, with nothing of it run yet. */
export interface NewJob {
  readonly weight: number;
  /** What it would take with all of the archive's time for itself. */
  readonly aloneMs: number;
}

/**
 * In how many ms each running job ends, by id; without those of which that cannot be said. What a job leaves when it ends
 * goes to the others by weight, and, where it held a turn, to the next one that waits: of that one, and of any that cannot
 * be foreseen, it is assumed that it outlasts all others.
 */
export function expectedEnds(
  running: readonly SharingJob[],
  waitingWeights: readonly number[],
): ReadonlyMap<string, number> {
  return endsOf(sharesOf(running), waitingWeights.map(unforeseeable));
}

/**
 * In how many ms the job ends: beside those that run, or, where it does not start at once, after those that wait. Null: of none
 * that goes before it can be said when it ends.
 */
export function expectedEnd(
  { weight, aloneMs }: NewJob,
  startsNow: boolean,
  running: readonly SharingJob[],
  waitingWeights: readonly number[],
): number | null {
  const added: Share = { id: notRunning, weight, holdsTurn: true, alonePerSecond: 1_000, framesLeft: aloneMs };
  const shares = sharesOf(running);
  const waiting = waitingWeights.map(unforeseeable);
  (startsNow ? shares : waiting).push(added);
  return endsOf(shares, waiting).get(added.id) ?? null;
}

/** It has no end of which anybody could ask. */
const unforeseeable = (weight: number): Share => ({
  id: notRunning,
  weight,
  holdsTurn: true,
  alonePerSecond: 0,
  framesLeft: Number.POSITIVE_INFINITY,
});

function sharesOf(running: readonly SharingJob[]): Share[] {
  const sharedNow = running.reduce((sum, job) => sum + (job.framesPerSecond === null ? 0 : job.weight), 0);
  return running.map(({ id, weight, holdsTurn, framesLeft, framesPerSecond }) => {
    const isForeseeable = framesLeft !== null && framesPerSecond !== null && framesPerSecond > 0;
    return {
      id,
      weight,
      holdsTurn,
      alonePerSecond: ((framesPerSecond ?? 0) * sharedNow) / weight,
      framesLeft: isForeseeable ? framesLeft : Number.POSITIVE_INFINITY,
    };
  });
}

function endsOf(running: readonly Share[], waiting: Share[]): ReadonlyMap<string, number> {
  let shares = [...running];
  const ends = new Map<string, number>();
  let atMs = 0;
  for (;;) {
    const total = shares.reduce((sum, { weight }) => sum + weight, 0);
    const perMs = ({ alonePerSecond, weight }: Share): number => (alonePerSecond * weight) / total / 1000;
    let next: Share | null = null;
    let inMs = Number.POSITIVE_INFINITY;
    for (const share of shares) {
      if (share.framesLeft === Number.POSITIVE_INFINITY) continue;
      const ownMs = share.framesLeft / perMs(share);
      if (ownMs < inMs) [next, inMs] = [share, ownMs];
    }
    if (next === null) return ends;
    atMs += inMs;
    for (const share of shares) share.framesLeft = Math.max(0, share.framesLeft - perMs(share) * inMs);
    ends.set(next.id, atMs);
    shares = shares.filter((share) => share !== next);
    const follower = next.holdsTurn ? waiting.shift() : undefined;
    if (follower !== undefined) shares.push(follower);
  }
}
