import type { CellName } from './cells/cell-values.ts';

/** Cells in the order in which they are neighbours; what is compared stands side by side. */
export const neighbours: Readonly<Record<string, readonly CellName[]>> = {
  live: ['two-sessions', 'throughput', 'balanced', 'fifo-1', 'triton-like', 'fifo', 'strict', 'alone', 'ladder'],
  'live-pinned': ['pinned-8', 'pinned-4', 'pinned-2'],
  'live-bursty': ['bursty-alone', 'bursty-strict'],
  'live-load-80': ['load-80', 'load-80-alone'],
  archive: ['archive', 'archive-bare'],
  'archive-auto': ['archive-auto', 'archive-auto-bare'],
  scan: ['script-square', 'scan', 'script-fitted', 'core-decode', 'core-inference', 'core-store'],
  motion: ['scan-quiet', 'script-quiet'],
  store: ['store'],
  tickets: ['tickets'],
  query: ['query'],
  idle: ['idle', 'idle-decode'],
};
export const unitNames = Object.keys(neighbours);
/** Only a whole run has the time for these units, and for these cells of others. */
export const wholeOnly: readonly string[] = ['live-pinned', 'live-bursty', 'archive-auto'];
export const wholeOnlyCells: readonly string[] = ['balanced', 'load-80-alone'];
