import type { Ticket } from '../../shared/engine/protocol.ts';

/**
 * At most so many tickets as it was made for, oldest first. The oldest, mostly the only one, is at hand; those behind it are
 * in a ring. An array that is pushed to and emptied again gets new memory for every ticket; this one gets it once.
 */
export interface TicketQueue {
  oldest: Ticket | null;
  size: number;
  readonly behind: (Ticket | null)[];
  /** Place of the second oldest in `behind`. */
  first: number;
}

export const createQueue = (capacity: number): TicketQueue => ({
  oldest: null,
  size: 0,
  behind: new Array<Ticket | null>(capacity - 1).fill(null),
  first: 0,
});

/** The ticket behind `index` older ones, if there is one. */
export function queueAt({ oldest, size, behind, first }: TicketQueue, index: number): Ticket | null {
  if (index === 0 || index >= size) return index === 0 ? oldest : null;
  return behind[(first + index - 1) % behind.length] as Ticket;
}

/** There must be room. */
export function queuePush(queue: TicketQueue, ticket: Ticket): void {
  const { size, behind } = queue;
  if (size === 0) queue.oldest = ticket;
  else behind[(queue.first + size - 1) % behind.length] = ticket;
  queue.size = size + 1;
}

/** There must be one. */
export function queueShift(queue: TicketQueue): Ticket {
  const ticket = queue.oldest as Ticket;
  queue.size -= 1;
  if (queue.size === 0) queue.oldest = null;
  else advance(queue);
  return ticket;
}

function advance(queue: TicketQueue): void {
  const { behind, first } = queue;
  queue.oldest = behind[first] as Ticket;
  behind[first] = null;
  queue.first = (first + 1) % behind.length;
}

export const queueTickets = (queue: TicketQueue): Ticket[] =>
  Array.from({ length: queue.size }, (_, index) => queueAt(queue, index) as Ticket);
