import type { Log } from '../src/app/ports.ts';

const nothing = (): void => undefined;

/** What the parts under measurement would tell a log; errors are told to stderr, where a benchmark's reader sees them. */
export const silentLog: Log = {
  info: nothing,
  warn: nothing,
  error: (message, fields) => {
    process.stderr.write(`bench: ${message} ${JSON.stringify(fields ?? {})}\n`);
  },
};
