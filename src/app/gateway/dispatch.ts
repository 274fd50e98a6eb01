import { isCallName } from '../../shared/contract/calls.ts';
import type { CallInput, CallName, CallOutput } from '../../shared/contract/calls.ts';
import { parsers } from '../../shared/contract/parsers.ts';
import type { Result } from '../../shared/errors.ts';
import { failed, ok, toErrorValue } from '../../shared/errors.ts';
import type { App } from '../app.ts';
import type { Log } from '../ports.ts';

/**
 * One call from outside, whatever carried it: known name, parsed input, handler. Never throws; a bug (`internal`) is
 * logged with its stack, since only its message crosses to the caller.
 */
export async function dispatch<K extends CallName>(
  app: Pick<App, 'handlers'>,
  name: K,
  raw: CallInput<K>,
  log?: Log,
): Promise<Result<CallOutput<K>>>;
export async function dispatch(
  app: Pick<App, 'handlers'>,
  name: unknown,
  raw: unknown,
  log?: Log,
): Promise<Result<unknown>>;
export async function dispatch(
  app: Pick<App, 'handlers'>,
  name: unknown,
  raw: unknown,
  log?: Log,
): Promise<Result<unknown>> {
  if (typeof name !== 'string' || !isCallName(name)) {
    return failed({ kind: 'not-found', message: `There is no call named ${JSON.stringify(name) ?? 'undefined'}.` });
  }
  try {
    return ok(await handle(app, name, raw));
  } catch (caught) {
    const error = toErrorValue(caught);
    if (error.kind === 'internal') {
      log?.error('call failed', { call: name, stack: caught instanceof Error ? caught.stack : String(caught) });
    }
    return failed(error);
  }
}

function handle<K extends CallName>(app: Pick<App, 'handlers'>, name: K, raw: unknown): Promise<CallOutput<K>> {
  const parse: (raw: unknown) => CallInput<K> = parsers[name];
  const handler: (input: CallInput<K>) => Promise<CallOutput<K>> = app.handlers[name];
  return handler(parse(raw));
}
