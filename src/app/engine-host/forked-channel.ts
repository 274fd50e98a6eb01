import { fork } from 'node:child_process';
import { NightshiftError } from '../../shared/errors.ts';
import type { FromEngine } from '../../shared/engine/protocol.ts';
import type { EngineChannel } from '../ports.ts';
import { processorMsOf } from './processor-time.ts';
import { residentBytesOf } from './resident-bytes.ts';

export interface EngineFork {
  /** Absolute path of the engine's entry. */
  readonly file: string;
  /** The Node that runs it. */
  readonly execPath: string;
}

/**
 * Each network camera waits for its next packet in libuv's pool, beside file reads and pictures; at its default of 4, a
 * few silent cameras would stop everything else in that process. Threads that wait cost next to nothing.
 *
 * glibc raises the size from which memory goes back to the system with what is freed, up to 32 MB: pictures and outputs,
 * freed by other threads than made them, then stay in ever more heaps. Measured with eight cameras at 10 fps: 20 MB a
 * minute without end, none with the threshold held at its first value; a scan uses about as much processor time. Other
 * systems do not know the name.
 *
 * An environment that asks for more threads, or for another threshold, is heard.
 */
export function engineEnvironment(env: NodeJS.ProcessEnv): Record<string, string> {
  const asked = Number(env['UV_THREADPOOL_SIZE'] ?? 0);
  const defined = Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return {
    MALLOC_MMAP_THRESHOLD_: '131072',
    ...Object.fromEntries(defined),
    UV_THREADPOOL_SIZE: String(Math.max(128, Number.isFinite(asked) ? asked : 0)),
  };
}

/**
 * An engine as a plain Node child. It ends with its parent: the channel's end reaches it as `disconnect`, also after a
 * SIGKILL of the parent. What it prints goes to stderr; stdout belongs to the command line.
 */
export function forkEngine({ file, execPath }: EngineFork): Promise<EngineChannel> {
  return new Promise((resolve, reject) => {
    const child = fork(file, [], {
      execPath,
      // Debugger and loader flags of the parent are not the engine's.
      execArgv: [],
      env: engineEnvironment(process.env),
      serialization: 'advanced',
      stdio: ['ignore', 2, 2, 'ipc'],
    });
    child.once('error', (cause) => {
      reject(
        new NightshiftError(
          {
            kind: 'engine-lost',
            message: `The engine could not be started: ${cause.message}`,
            where: execPath,
            hint: 'Reinstall Nightshift, or look for a security program that blocks it.',
          },
          { cause },
        ),
      );
    });
    child.once('spawn', () => {
      const pid = child.pid;
      if (pid === undefined) throw new Error('a child that runs has a pid');
      // A message to a child that has just died fails here; its exit is told anyway.
      child.on('error', () => undefined);
      resolve({
        pid,
        send: (message) => {
          if (child.connected) child.send(message);
        },
        onMessage: (listener) => {
          child.on('message', (message) => {
            listener(message as FromEngine);
          });
        },
        // 'close' is 'exit' after the last message has been read; 'exit' alone may overtake results.
        onExit: (listener) => {
          child.once('close', (code: number | null, signal: NodeJS.Signals | null) => {
            listener({ code, signal });
          });
        },
        kill: () => {
          child.kill('SIGKILL');
        },
        residentBytes: () => residentBytesOf(pid),
        processorMs: () => processorMsOf(pid),
      });
    });
  });
}
