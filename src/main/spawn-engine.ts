import { utilityProcess } from 'electron';
import { engineEnvironment, forkEngine } from '../app/engine-host/forked-channel.ts';
import { processorMsOf } from '../app/engine-host/processor-time.ts';
import { residentBytesOf } from '../app/engine-host/resident-bytes.ts';
import type { EngineChannel, SpawnEngine } from '../app/ports.ts';
import type { FromEngine } from '../shared/engine/protocol.ts';
import { NightshiftError } from '../shared/errors.ts';
import { utilityExit } from './utility-exit.ts';

/**
 * The engine as a utility process, which ends with this process by Chromium's doing. `node`: a Node to fork instead,
 * for a test runtime whose own Node cannot load the engine's native packages.
 */
export function spawnEngineFrom(file: string, node: string | undefined): SpawnEngine {
  return node === undefined || node === '' ? () => startUtility(file) : () => forkEngine({ file, execPath: node });
}

function startUtility(file: string): Promise<EngineChannel> {
  return new Promise((resolve, reject) => {
    const child = utilityProcess.fork(file, [], {
      serviceName: 'Nightshift engine',
      stdio: 'inherit',
      execArgv: [],
      env: engineEnvironment(process.env),
    });
    // It may end without ever having run; after `spawn` this changes nothing.
    child.once('exit', (code) => {
      reject(
        new NightshiftError({
          kind: 'engine-lost',
          message: `The engine could not be started (code ${String(code)}).`,
          where: file,
          hint: 'Reinstall Nightshift, or look for a security program that blocks it.',
        }),
      );
    });
    child.once('spawn', () => {
      const pid = child.pid;
      if (pid === undefined) throw new Error('a utility process that runs has a pid');
      resolve({
        pid,
        // A message to a child that has ended is dropped by Electron; its exit is told anyway.
        send: (message) => {
          child.postMessage(message);
        },
        onMessage: (listener) => {
          child.on('message', (message) => {
            listener(message as FromEngine);
          });
        },
        onExit: (listener) => {
          child.once('exit', (code) => {
            listener(utilityExit(code, process.platform));
          });
        },
        // `child.kill()` is a SIGTERM, which waits for a native call that may never end.
        kill: () => {
          try {
            process.kill(pid, 'SIGKILL');
          } catch {
            // It has just ended by itself.
          }
        },
        residentBytes: () => residentBytesOf(pid),
        processorMs: () => processorMsOf(pid),
      });
    });
  });
}
