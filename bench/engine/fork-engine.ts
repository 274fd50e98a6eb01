import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { engineEnvironment } from '../../src/app/engine-host/forked-channel.ts';
import type { EngineChannel } from '../../src/app/ports.ts';
import type { FromEngine, ToEngine } from '../../src/shared/engine/protocol.ts';
import { isBenchReply, type BenchAsks } from './messages.ts';

const engineFile = fileURLToPath(new URL('engine-child.ts', import.meta.url));

export type AskEngine = <K extends keyof BenchAsks>(name: K, input: BenchAsks[K]['in']) => Promise<BenchAsks[K]['out']>;

export interface ForkedBenchEngine {
  readonly channel: EngineChannel;
  /** Rejects when the engine has ended. */
  readonly ask: AskEngine;
}

/**
 * The engine child as the product forks it, with the benchmark's questions on the same wire. `sending` is told right
 * before a message leaves. It ends with this process: the channel closes.
 */
export function forkBenchEngine(
  ingest: 'synthetic' | 'real',
  sending: (message: ToEngine, batchId: number | null) => void = () => undefined,
): Promise<ForkedBenchEngine> {
  const child = fork(engineFile, [ingest], {
    execArgv: [],
    env: engineEnvironment(process.env),
    serialization: 'advanced',
    // Type stripping says on stderr that it is experimental in some versions; nobody needs to hear it once a child.
    stdio: ['ignore', 2, 2, 'ipc'],
  });
  const asked = new Map<number, { resolve: (value: never) => void; reject: (error: Error) => void }>();
  const listeners: ((message: FromEngine) => void)[] = [];
  let nextAsk = 1;
  child.on('message', (message) => {
    if (!isBenchReply(message)) {
      for (const listener of listeners) listener(message as FromEngine);
      return;
    }
    const pending = asked.get(message.benchReply);
    asked.delete(message.benchReply);
    if ('failed' in message) pending?.reject(new Error(message.failed));
    else pending?.resolve(message.value as never);
  });
  child.once('close', () => {
    for (const { reject } of asked.values()) reject(new Error('the engine has ended'));
    asked.clear();
  });
  const ask: AskEngine = (name, input) => {
    const askId = nextAsk++;
    return new Promise((resolve, reject) => {
      if (!child.connected) {
        reject(new Error('the engine has ended'));
        return;
      }
      asked.set(askId, { resolve, reject });
      child.send({ bench: name, askId, input });
    });
  };
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('spawn', () => {
      child.on('error', () => undefined);
      resolve({
        ask,
        channel: {
          pid: child.pid ?? -1,
          send: (message) => {
            sending(message, message.type === 'run' ? message.batchId : null);
            if (child.connected) child.send(message);
          },
          onMessage: (listener) => listeners.push(listener),
          onExit: (listener) => {
            child.once('close', (code: number | null, signal: NodeJS.Signals | null) => {
              listener({ code, signal });
            });
          },
          kill: () => {
            child.kill('SIGKILL');
          },
          residentBytes: () => Promise.resolve(null),
          processorMs: () => Promise.resolve(null),
        },
      });
    });
  });
}
