/** A host that forks an engine, prints its pid and waits to be killed. */
import { forkEngine } from '../forked-channel.ts';

const channel = await forkEngine({ file: process.argv[2] ?? '', execPath: process.execPath });
channel.onMessage((message) => {
  if (message.type === 'ready') process.stdout.write(`${String(channel.pid)}\n`);
});
