import type { CallName, Handlers } from '../../../shared/contract/calls.ts';
import { callNames } from '../../../shared/contract/calls.ts';
import type { EventMessage } from '../../../shared/contract/events.ts';
import type { MediaRequest } from '../../../shared/contract/media.ts';
import { NightshiftError } from '../../../shared/errors.ts';
import type { App, QueueSource, Still } from '../../app.ts';
import type { PictureApi } from '../../infer/picture-api.ts';
import type { Log } from '../../ports.ts';

/** An App for transport tests: answers what it is told, remembers what it was asked. */
export interface FakeApp extends App {
  readonly asked: { name: CallName; input: unknown }[];
  answerWith(name: CallName, answer: (input: unknown) => unknown): void;
  emit(message: EventMessage): void;
  readonly viewers: {
    requests: MediaRequest[];
    closed: boolean;
    deliver: (picture: Uint8Array<ArrayBuffer>) => void;
  }[];
  readonly listeners: Set<(message: EventMessage) => void>;
  readonly queueSources: Set<QueueSource>;
  stills: (kind: 'event' | 'detection', id: string, width: number) => Still | null;
  pictures: PictureApi;
}

export function createFakeApp(): FakeApp {
  const asked: FakeApp['asked'] = [];
  const answers = new Map<CallName, (input: unknown) => unknown>();
  const listeners: FakeApp['listeners'] = new Set();
  const viewers: FakeApp['viewers'] = [];
  const handlers = Object.fromEntries(
    callNames.map((name) => [
      name,
      async (input: unknown) => {
        asked.push({ name, input });
        await Promise.resolve();
        const answer = answers.get(name);
        if (answer === undefined) throw new NightshiftError({ kind: 'unsupported', message: `${name} is not faked` });
        return answer(input);
      },
    ]),
  ) as unknown as Handlers;
  const fake: FakeApp = {
    handlers,
    asked,
    listeners,
    viewers,
    queueSources: new Set(),
    stills: () => null,
    pictures: {
      admit: () => null,
      infer: () => Promise.resolve({ is: 'refused', reason: 'not faked', retryAfterS: 1 }),
      review: () => Promise.resolve({ is: 'refused', reason: 'not faked', retryAfterS: 1 }),
      findReview: () => Promise.resolve(null),
      stats: () => Promise.reject(new NightshiftError({ kind: 'unsupported', message: 'not faked' })),
    },
    answerWith: (name, answer) => answers.set(name, answer),
    emit: (message) => {
      for (const listener of listeners) listener(message);
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    openViewer: (deliver) => {
      const viewer: FakeApp['viewers'][number] = { requests: [], closed: false, deliver };
      viewers.push(viewer);
      return {
        request: (message) => viewer.requests.push(message),
        close: () => {
          viewer.closed = true;
        },
      };
    },
    listensOn: () => () => undefined,
    addQueueSource: (source) => {
      fake.queueSources.add(source);
      return () => fake.queueSources.delete(source);
    },
    still: (kind, id, width) => Promise.resolve(fake.stills(kind, id, width)),
    close: () => Promise.resolve(),
  };
  return fake;
}

export const silentLog: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };
