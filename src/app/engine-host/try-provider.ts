import type { EngineRequest, ProviderMeasurement } from '../../shared/engine/protocol.ts';
import type { SpawnEngine } from '../ports.ts';
import { askOwnEngine } from './own-engine.ts';

/** CUDA looks for its fastest kernels at every new shape: seconds. What needs half a minute to start is not taken anyway. */
export const trialLimitMs = 40_000;

export type TrialRequest = Extract<EngineRequest, { type: 'measure-provider' }>;

/** Tries a provider in an engine of its own. Every end of it is an answer; never rejects. */
export async function tryProvider(
  spawn: SpawnEngine,
  request: TrialRequest,
  intraOpThreads: number,
  limitMs = trialLimitMs,
): Promise<ProviderMeasurement> {
  const answer = await askOwnEngine(spawn, request, { providers: [request.provider], intraOpThreads, limitMs });
  return answer.answered ? answer.value : { works: false, why: answer.why };
}
