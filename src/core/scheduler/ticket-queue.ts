import type { Ticket } from '../../shared/engine/protocol.ts';

/**
 * A ring of at most `slots.length` tickets, oldest first. An array that is pushed to and emptied again gets new memory for
 * every ticket; this one gets it once.
 */
export interface TicketQueue {
  readonly slots: (Ticket | null)[];
  first: number;
  size: number;
}

export const createQueue = (capacity: number): TicketQueue => ({
  slots: new Array<Ticket | null>(capacity).fill(null),
  first: 0,
  size: 0,
});

/** The ticket behind `index` older ones, if there is one. */
export function queueAt({ slots, first, size }: TicketQueue, index: number): Ticket | null {
  if (index >= size) return null;
  const place = first + index;
  return slots[place < slots.length ? place : place - slots.length] as Ticket;
}

/** There must be room. */
export function queuePush(queue: TicketQueue, ticket: Ticket): void {
  const { slots, first, size } = queue;
  const place = first + size;
  slots[place < slots.length ? place : place - slots.length] = ticket;
  queue.size = size + 1;
}

/** There must be one. */
export function queueShift(queue: TicketQueue): Ticket {
  const { slots, first } = queue;
  const ticket = slots[first] as Ticket;
  slots[first] = null;
  queue.first = first + 1 < slots.length ? first + 1 : 0;
  queue.size -= 1;
  return ticket;
}

export const queueTickets = (queue: TicketQueue): Ticket[] =>
  Array.from({ length: queue.size }, (_, index) => queueAt(queue, index) as Ticket);
