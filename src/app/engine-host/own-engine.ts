import {
  engineProtocolVersion,
  type EngineReplies,
  type EngineRequest,
  type FromEngine,
} from '../../shared/engine/protocol.ts';
import type { EngineChannel, SpawnEngine } from '../ports.ts';

export type OwnAnswer<Value> =
  { readonly answered: true; readonly value: Value } | { readonly answered: false; readonly why: string };

export interface OwnEngineLimits {
  readonly providers: readonly string[];
  readonly intraOpThreads: number;
  readonly limitMs: number;
  /** Ends it before its time. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Asks an engine of its own, for what may end or hang the process that does it and must not take running cameras along.
 * Every end of that engine is an answer; never rejects.
 */
export async function askOwnEngine<R extends EngineRequest>(
  spawn: SpawnEngine,
  request: R,
  { providers, intraOpThreads, limitMs, signal }: OwnEngineLimits,
): Promise<OwnAnswer<EngineReplies[R['type']]>> {
  let channel: EngineChannel;
  try {
    channel = await spawn();
  } catch (caught) {
    return { answered: false, why: `no engine could be started to try it (${String(caught)})` };
  }
  try {
    return await new Promise((resolve) => {
      const end = (answer: OwnAnswer<EngineReplies[R['type']]>): void => {
        clearTimeout(timer);
        resolve(answer);
      };
      const timer = setTimeout(() => {
        end({ answered: false, why: `it did not answer within ${String(Math.round(limitMs / 1000))} s` });
      }, limitMs);
      const stopped = (): void => {
        end({ answered: false, why: 'it was not tried to its end' });
      };
      if (signal?.aborted === true) stopped();
      signal?.addEventListener('abort', stopped, { once: true });
      channel.onMessage((message: FromEngine) => {
        if (message.type === 'reply') end({ answered: true, value: message.value as EngineReplies[R['type']] });
        else if (message.type === 'refused') end({ answered: false, why: message.fault.message });
      });
      channel.onExit(({ code, signal: killedBy }) => {
        end({
          answered: false,
          why: `trying it ended the engine (${killedBy ?? `code ${String(code)}`}): update the graphics driver`,
        });
      });
      channel.send({
        type: 'configure',
        protocol: engineProtocolVersion,
        providers,
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
