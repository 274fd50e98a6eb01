import type { EventName } from './events.ts';

/**
 * Events that the next one of the same name replaces. A listener that cannot keep up loses these first; it never loses
 * a change of state, since nothing would repeat it.
 */
const replaced: ReadonlySet<EventName> = new Set(['lanes.snapshot', 'cameras.status', 'cameras.result']);

export const isReplacedByNext = (event: EventName): boolean => replaced.has(event);
