import { expect, it } from 'vitest';
import type { FromEngine, Ticket } from '../shared/engine/protocol.ts';
import { Arrivals } from './arrivals.ts';
import type { Ingest, IngestNews } from './ingest/ports.ts';

const ticket = (frameId: number) => ({ frameId }) as Ticket;
const opened = (item: string): IngestNews => ({ type: 'item-opened', item, width: 8, height: 8, expectedFrames: 1 });
const ended = (item: string): IngestNews => ({ type: 'item-ended', item, frames: 1, endFrame: 1, complete: true });

/** An ingest whose next drain brings what it is given. */
function scripted() {
  let tell: (news: IngestNews) => void = () => undefined;
  let wake: () => void = () => undefined;
  let next: { news: readonly IngestNews[]; tickets: Ticket[] } = { news: [], tickets: [] };
  const ingest = {
    onNews: (listener: typeof tell) => void (tell = listener),
    onArrival: (listener: typeof wake) => void (wake = listener),
    drain: () => {
      const { news, tickets } = next;
      next = { news: [], tickets: [] };
      news.forEach((one) => tell(one));
      return { tickets, lost: [] };
    },
  } as Partial<Ingest> as Ingest;
  const sent: FromEngine[] = [];
  const arrivals = new Arrivals(ingest, (message) => sent.push(message));
  return { arrivals, sent, bring: (bringing: typeof next) => void (next = bringing), wake: () => wake() };
}

it('tells an opening before the tickets of its drain and an end after them', () => {
  const { bring, wake, sent } = scripted();
  bring({ news: [ended('a'), opened('b')], tickets: [ticket(1), ticket(2)] });
  wake();
  expect(sent.map(({ type }) => type)).toEqual(['item-opened', 'tickets', 'item-ended']);
});

it('holds an end back until whoever drained has sent the tickets', () => {
  const { arrivals, bring, sent } = scripted();
  bring({ news: [ended('a')], tickets: [ticket(1)] });
  expect(arrivals.drain().tickets).toEqual([ticket(1)]);
  expect(sent).toEqual([]);
  arrivals.settle();
  arrivals.settle();
  expect(sent).toEqual([ended('a')]);
});

it('sends no empty message', () => {
  const { wake, sent } = scripted();
  wake();
  expect(sent).toEqual([]);
});
