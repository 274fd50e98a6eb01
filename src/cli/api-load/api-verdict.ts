import type { ApiLoadRow } from './api-load-row.ts';

export interface ApiVerdict {
  readonly winner: 'batch-1' | 'micro-batched' | 'neither';
  /** Why, and where the other one is better, in sentences with their numbers. */
  readonly why: string;
}

/** Differences below these are the machine's, not the setting's. */
const answeredShare = 0.03;
const latencyShare = 0.05;

/** More pictures answered wins; where both answer the same, the lower p95 does. */
export function apiVerdict(alone: ApiLoadRow, batched: ApiLoadRow): ApiVerdict {
  const winner = winnerOf(alone, batched);
  const sentences = [
    reasonOf(winner, alone, batched),
    deviceSentence(alone, batched),
    lossSentence(winner, alone, batched),
  ];
  return { winner, why: sentences.join(' ') };
}

function winnerOf(alone: ApiLoadRow, batched: ApiLoadRow): ApiVerdict['winner'] {
  const more = (batched.answered - alone.answered) / Math.max(1, alone.sent);
  if (Math.abs(more) > answeredShare) return more > 0 ? 'micro-batched' : 'batch-1';
  const [aloneMs, batchedMs] = [alone.p95Ms ?? Infinity, batched.p95Ms ?? Infinity];
  if (batchedMs < aloneMs * (1 - latencyShare)) return 'micro-batched';
  return aloneMs < batchedMs * (1 - latencyShare) ? 'batch-1' : 'neither';
}

function reasonOf(winner: ApiVerdict['winner'], alone: ApiLoadRow, batched: ApiLoadRow): string {
  const [mine, other] = winner === 'micro-batched' ? [batched, alone] : [alone, batched];
  const more = Math.abs(mine.answered - other.answered) / Math.max(1, mine.sent) > answeredShare;
  if (winner === 'neither') {
    return `Neither wins here: both answer ${number(alone.answered)} of ${number(alone.sent)} pictures, p95 ${ms(alone.p95Ms)} and ${ms(batched.p95Ms)}.`;
  }
  return more
    ? `${name(winner)} wins here: it answers ${number(mine.answered)} of ${number(mine.sent)} pictures, the other ${number(other.answered)}.`
    : `${name(winner)} wins here: p95 ${ms(mine.p95Ms)} against ${ms(other.p95Ms)} with as many pictures answered.`;
}

function deviceSentence(alone: ApiLoadRow, batched: ApiLoadRow): string {
  const { deviceMsPerPicture: one } = alone;
  const { deviceMsPerPicture: shared, meanBatch } = batched;
  if (one === null || shared === null || meanBatch === null)
    return 'Too little was answered to tell what a picture costs.';
  const gain = 1 - shared / one;
  const verdict =
    gain > latencyShare
      ? `running together saves ${percent(gain)} of the device`
      : gain < -latencyShare
        ? `running together costs ${percent(-gain)} more of the device`
        : 'running together saves nothing on this device';
  return `A picture takes ${ms(one)} of the device alone and ${ms(shared)} in calls of ${meanBatch.toFixed(1)}: ${verdict}.`;
}

/** Where the winner loses, or the loser loses most. */
function lossSentence(winner: ApiVerdict['winner'], alone: ApiLoadRow, batched: ApiLoadRow): string {
  const added = (batched.p50Ms ?? NaN) - (alone.p50Ms ?? NaN);
  if (Number.isFinite(added) && added > 0) {
    return `Batching loses where pictures come one by one: waiting up to ${ms(batched.windowMs)} for company adds ${ms(added)} to the middle one.`;
  }
  return winner === 'micro-batched'
    ? `Batching would lose at a rate so low that a picture waits its ${ms(batched.windowMs)} out alone.`
    : 'Batching adds no wait to the middle picture at this rate.';
}

const name = (mode: ApiLoadRow['mode']): string => (mode === 'batch-1' ? 'One picture a call' : 'Micro-batching');
const ms = (value: number | null): string =>
  value === null ? 'none' : `${value < 10 ? value.toFixed(1) : value.toFixed(0)} ms`;
const percent = (share: number): string => `${(share * 100).toFixed(0)} %`;
const number = (value: number): string => value.toLocaleString('en');
