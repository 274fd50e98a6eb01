import type { CallInput, CallName, CallOutput } from '../shared/contract/calls.ts';
import type { EventMessage } from '../shared/contract/events.ts';
import { NightshiftError, type ErrorValue, type Result } from '../shared/errors.ts';

/** An application to talk to: our own in this process, or the one that owns the data folder. */
export interface Session {
  /** False: another process owns the data folder and carries the work out. */
  readonly owned: boolean;
  request<K extends CallName>(name: K, input: CallInput<K>): Promise<Result<CallOutput<K>>>;
  subscribe(listener: (message: EventMessage) => void): () => void;
  /** Resolves with the reason when the owner goes away; never for our own. */
  readonly lost: Promise<ErrorValue>;
  close(): Promise<void>;
}

/** Throws the error of a refused call. */
export async function call<K extends CallName>(session: Session, name: K, input: CallInput<K>): Promise<CallOutput<K>> {
  const result = await session.request(name, input);
  if (!result.ok) throw new NightshiftError(result.error);
  return result.value;
}
