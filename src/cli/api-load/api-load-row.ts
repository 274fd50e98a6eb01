/** One reply of the picture API, as far as the comparison needs it. */
export interface ApiReply {
  readonly status: number;
  readonly batch: number;
  readonly runMs: number;
}

/**
 * One way of running the same arrivals. `sent` = `answered` + `refused`: every picture either has its boxes or has none.
 * `late` are those of the refused that had a place and not their time (504); the others found the queue full (503).
 */
export interface ApiLoadRow {
  readonly mode: 'batch-1' | 'micro-batched';
  readonly windowMs: number;
  readonly maxBatch: number;
  readonly sent: number;
  readonly answered: number;
  readonly refused: number;
  readonly late: number;
  /** Of the answered ones, from the moment each was due; null: none was answered. */
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  readonly p99Ms: number | null;
  readonly perSecond: number;
  /** Pictures a call; and device time a picture. */
  readonly meanBatch: number | null;
  readonly deviceMsPerPicture: number | null;
}

export function apiLoadRow(
  setting: Pick<ApiLoadRow, 'mode' | 'windowMs' | 'maxBatch'>,
  replies: readonly { readonly latencyMs: number; readonly reply: ApiReply }[],
  seconds: number,
): ApiLoadRow {
  const answered = replies.filter(({ reply }) => reply.status === 200);
  const latencies = answered.map(({ latencyMs }) => latencyMs).sort((one, other) => one - other);
  const at = (quantile: number): number | null => {
    const value = latencies[Math.ceil(quantile * latencies.length) - 1];
    return value === undefined ? null : rounded(value);
  };
  // Each picture is its share of a call, so that the shares of one call add up to one.
  const calls = answered.reduce((sum, { reply }) => sum + 1 / reply.batch, 0);
  const deviceMs = answered.reduce((sum, { reply }) => sum + reply.runMs / reply.batch, 0);
  return {
    ...setting,
    sent: replies.length,
    answered: answered.length,
    refused: replies.length - answered.length,
    late: replies.filter(({ reply }) => reply.status === 504).length,
    p50Ms: at(0.5),
    p95Ms: at(0.95),
    p99Ms: at(0.99),
    perSecond: rounded(answered.length / seconds),
    meanBatch: answered.length === 0 ? null : rounded(answered.length / calls),
    deviceMsPerPicture: answered.length === 0 ? null : rounded(deviceMs / answered.length),
  };
}

const rounded = (value: number): number => Math.round(value * 100) / 100;
