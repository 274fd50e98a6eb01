import type { EngineReplies, EngineRequest, FromEngine, ToEngine } from '../../shared/engine/protocol.ts';
import { NightshiftError, type ErrorKind } from '../../shared/errors.ts';

interface PendingRequest {
  readonly type: EngineRequest['type'];
  readonly resolve: (value: never) => void;
  readonly reject: (error: Error) => void;
  readonly timer: ReturnType<typeof setTimeout>;
}

/** What the engine was asked and has not answered yet. Each is settled once: by its answer, its time limit, or the engine's end. */
export class PendingRequests {
  readonly #pending = new Map<number, PendingRequest>();
  #next = 1;

  /** A model is being opened or warmed. */
  get isPreparing(): boolean {
    return [...this.#pending.values()].some(({ type }) => type === 'load-model' || type === 'warm');
  }

  /** Rejects with `timed-out` after `timeoutMs`, with `engine-lost` by `fail`. */
  ask<R extends EngineRequest>(
    request: R,
    timeoutMs: number,
    send: (message: ToEngine) => void,
  ): Promise<EngineReplies[R['type']]> {
    const requestId = this.#next++;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#pending.delete(requestId);
        reject(
          new NightshiftError({
            kind: 'timed-out',
            message: `The engine did not answer (${request.type}) within ${String(timeoutMs / 1000)} s.`,
          }),
        );
      }, timeoutMs);
      this.#pending.set(requestId, { type: request.type, resolve, reject, timer });
      send({ type: 'request', requestId, request });
    });
  }

  /** An answer that comes too late is nobody's. */
  answered(message: Extract<FromEngine, { type: 'reply' | 'refused' }>): void {
    const pending = this.#pending.get(message.requestId);
    if (pending === undefined) return;
    this.#pending.delete(message.requestId);
    clearTimeout(pending.timer);
    if (message.type === 'reply') pending.resolve(message.value as never);
    else pending.reject(refusal(message.fault.kind, message.fault.message));
  }

  /** The engine is gone: nothing will be answered any more. */
  fail(text: string): void {
    for (const [requestId, pending] of [...this.#pending]) {
      this.#pending.delete(requestId);
      clearTimeout(pending.timer);
      pending.reject(new NightshiftError({ kind: 'engine-lost', message: text, hint: 'It starts again by itself.' }));
    }
  }
}

function refusal(kind: string, message: string): NightshiftError {
  const known: Readonly<Record<string, ErrorKind>> = {
    'model-rejected': 'model-rejected',
    missing: 'not-found',
    unreadable: 'no-permission',
    'timed-out': 'timed-out',
    internal: 'internal',
  };
  return new NightshiftError({ kind: known[kind] ?? 'bad-input', message });
}
