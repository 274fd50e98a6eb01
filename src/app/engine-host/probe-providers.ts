import { engineProtocolVersion, type FromEngine, type ProviderAvailability } from '../../shared/engine/protocol.ts';
import { NightshiftError } from '../../shared/errors.ts';
import type { SpawnEngine } from '../ports.ts';

const answerTimeoutMs = 30_000;

/**
 * Asks an engine of its own which execution providers work here: a bad graphics driver may end the process that tries
 * it, and must not take running cameras along. Rejects with `engine-lost` then, and `timed-out` after 30 s.
 */
export async function probeProviders(spawn: SpawnEngine): Promise<readonly ProviderAvailability[]> {
  const channel = await spawn();
  try {
    return await new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(new NightshiftError({ kind: 'timed-out', message: 'Trying the providers took more than 30 s.' }));
      }, answerTimeoutMs);
      channel.onMessage((message: FromEngine) => {
        if (message.type !== 'reply' && message.type !== 'refused') return;
        clearTimeout(timer);
        if (message.type === 'refused') {
          reject(new NightshiftError({ kind: 'internal', message: message.fault.message }));
          return;
        }
        const { providers } = message.value as { providers: readonly ProviderAvailability[] };
        resolve(providers);
      });
      channel.onExit(({ code, signal }) => {
        clearTimeout(timer);
        reject(
          new NightshiftError({
            kind: 'engine-lost',
            message: `Trying the providers ended the engine (${signal ?? `code ${String(code)}`}).`,
            hint: 'Update the graphics driver; until then Nightshift works on the CPU.',
          }),
        );
      });
      channel.send({
        type: 'configure',
        protocol: engineProtocolVersion,
        providers: [],
        intraOpThreads: 1,
        archiveWindow: 1,
        maxPixels: 1,
      });
      channel.send({ type: 'request', requestId: 1, request: { type: 'probe' } });
    });
  } finally {
    channel.kill();
  }
}
