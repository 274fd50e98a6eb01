import { fork } from 'node:child_process';
import type { FromEngine, ToEngine } from '../../shared/engine/protocol.ts';

/**
 * A host that is going to be killed: forks the engine named by the first argument, sends it the messages of the second
 * (JSON), prints the engine's process id once it has said `ready`, and lives on.
 */
const [engineFile = '', messages = '[]'] = process.argv.slice(2);
const engine = fork(engineFile, [], { serialization: 'advanced', execArgv: [] });
for (const message of JSON.parse(messages) as ToEngine[]) engine.send(message);
engine.on('message', (message) => {
  const said = message as FromEngine;
  if (said.type === 'ready') console.log(said.pid);
});
