import { request } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { WebSocket } from 'ws';
import type { CallInput, CallName, CallOutput } from '../../shared/contract/calls.ts';
import type { EventMessage } from '../../shared/contract/events.ts';
import type { Result } from '../../shared/errors.ts';
import { NightshiftError } from '../../shared/errors.ts';
import type { OwnerRecord } from './owner-file.ts';
import { readOwnerFile } from './owner-file.ts';

/** The host that owns the data folder, seen from another process of the same user. */
export interface OwnerClient {
  readonly pid: number;
  /** Throws the owner's error; `owned-elsewhere` where the owner does not answer any more. */
  call<K extends CallName>(name: K, input: CallInput<K>): Promise<CallOutput<K>>;
  /** Resolves once subscribed; with its own undo. `onLost` is called once, with the reason, if the owner goes away. */
  subscribe(listener: (message: EventMessage) => void, onLost: (error: NightshiftError) => void): Promise<() => void>;
}

export interface ConnectLimits {
  /** An owner that has just started or is about to end has no file for a moment. */
  readonly findMs: number;
  readonly answerMs: number;
}
const connectLimits: ConnectLimits = { findMs: 3000, answerMs: 5000 };
const lookAgainMs = 100;

/** Finds the owner of `dataDir` and makes sure that it answers; throws `owned-elsewhere`, naming its pid, if not. */
export async function connectOwner(dataDir: string, limits: ConnectLimits = connectLimits): Promise<OwnerClient> {
  const giveUpAt = performance.now() + limits.findMs;
  for (;;) {
    const owner = await readOwnerFile(dataDir);
    const error = owner === null ? silent(dataDir, null) : await probe(dataDir, owner, limits.answerMs);
    if (owner !== null && error === null) return createClient(dataDir, owner);
    if (error !== null && performance.now() >= giveUpAt) throw error;
    await wait(lookAgainMs);
  }
}

async function probe(dataDir: string, owner: OwnerRecord, answerMs: number): Promise<NightshiftError | null> {
  try {
    await callOwner(dataDir, owner, 'system.status', undefined, answerMs);
    return null;
  } catch (caught) {
    return caught instanceof NightshiftError && caught.kind !== 'unauthorised'
      ? caught
      : silent(dataDir, owner.pid, caught);
  }
}

function createClient(dataDir: string, owner: OwnerRecord): OwnerClient {
  return {
    pid: owner.pid,
    call: (name, input) => callOwner(dataDir, owner, name, input, null),
    subscribe: (listener, onLost) =>
      new Promise((resolve, reject) => {
        const socket = new WebSocket(`ws://127.0.0.1:${String(owner.port)}/events`, {
          headers: { authorization: `Bearer ${owner.token}` },
          perMessageDeflate: false,
        });
        let open = false;
        let undone = false;
        const undo = (): void => {
          undone = true;
          socket.terminate();
        };
        socket.on('open', () => {
          open = true;
          resolve(undo);
        });
        socket.on('message', (data) => {
          if (!undone) listener(JSON.parse((data as Buffer).toString('utf8')) as EventMessage);
        });
        // 'close' follows every 'error'.
        socket.on('error', (cause) => {
          if (!open) reject(silent(dataDir, owner.pid, cause));
        });
        socket.on('close', () => {
          if (open && !undone) onLost(silent(dataDir, owner.pid));
        });
      }),
  };
}

/** `answerMs` null: as long as the work takes (an export of millions of rows). A dead owner ends the connection. */
function callOwner<K extends CallName>(
  dataDir: string,
  owner: OwnerRecord,
  name: K,
  input: CallInput<K>,
  answerMs: number | null,
): Promise<CallOutput<K>> {
  return new Promise((resolve, reject) => {
    const lost = (cause: unknown): void => {
      reject(silent(dataDir, owner.pid, cause));
    };
    const sent = request(
      {
        host: '127.0.0.1',
        port: owner.port,
        path: `/api/${name}`,
        method: 'POST',
        agent: false,
        headers: { authorization: `Bearer ${owner.token}`, 'content-type': 'application/json' },
        ...(answerMs === null ? {} : { signal: AbortSignal.timeout(answerMs) }),
      },
      (response) => {
        const parts: Buffer[] = [];
        response.on('error', lost);
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('end', () => {
          try {
            const result = JSON.parse(Buffer.concat(parts).toString('utf8')) as Result<CallOutput<K>>;
            if (result.ok) resolve(result.value);
            else reject(new NightshiftError(result.error));
          } catch (cause) {
            lost(cause);
          }
        });
      },
    );
    sent.on('error', lost);
    sent.end(input === undefined ? undefined : JSON.stringify(input));
  });
}

function silent(dataDir: string, pid: number | null, cause?: unknown): NightshiftError {
  const who = pid === null ? 'Another Nightshift' : `Another Nightshift (process ${String(pid)})`;
  return new NightshiftError(
    {
      kind: 'owned-elsewhere',
      message: `${who} owns this data folder and does not answer.`,
      where: dataDir,
      hint: 'Close it first, or choose another folder with --data.',
    },
    { cause },
  );
}
