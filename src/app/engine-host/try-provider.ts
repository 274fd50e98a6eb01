import {
  engineProtocolVersion,
  type EngineRequest,
  type FromEngine,
  type ProviderMeasurement,
} from '../../shared/engine/protocol.ts';
import type { EngineChannel, SpawnEngine } from '../ports.ts';

/** CUDA looks for its fastest kernels at every new shape: seconds. What needs half a minute to start is not taken anyway. */
export const trialLimitMs = 40_000;

export type TrialRequest = Extract<EngineRequest, { type: 'measure-provider' }>;

/**
 * Tries a provider in an engine of its own: a bad graphics driver may end or hang the process that tries it, and must
 * not take running cameras along. Every end of it is an answer; never rejects.
 */
export async function tryProvider(
  spawn: SpawnEngine,
  request: TrialRequest,
  intraOpThreads: number,
  limitMs = trialLimitMs,
): Promise<ProviderMeasurement> {
  let channel: EngineChannel;
  try {
    channel = await spawn();
  } catch (caught) {
    return { works: false, why: `no engine could be started to try it (${String(caught)})` };
  }
  try {
    return await new Promise((resolve) => {
      const timer = setTimeout(() => {
        resolve({ works: false, why: `it did not answer within ${String(Math.round(limitMs / 1000))} s` });
      }, limitMs);
      const end = (measurement: ProviderMeasurement): void => {
        clearTimeout(timer);
        resolve(measurement);
      };
      channel.onMessage((message: FromEngine) => {
        if (message.type === 'reply') end(message.value as ProviderMeasurement);
        else if (message.type === 'refused') end({ works: false, why: message.fault.message });
      });
      channel.onExit(({ code, signal }) => {
        end({
          works: false,
          why: `trying it ended the engine (${signal ?? `code ${String(code)}`}): update the graphics driver`,
        });
      });
      channel.send({
        type: 'configure',
        protocol: engineProtocolVersion,
        providers: [request.provider],
        intraOpThreads,
        archiveWindow: 1,
        maxPixels: 1,
      });
      channel.send({ type: 'request', requestId: 1, request });
    });
  } finally {
    channel.kill();
  }
}
