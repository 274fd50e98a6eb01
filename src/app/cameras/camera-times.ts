/** The times by which cameras are watched; tests hand in shorter ones. */
export interface CameraTimes {
  /** Until a camera has to answer. */
  readonly openMs: number;
  /** Without a picture for so long (or three of its own intervals, where that is longer) it is opened again. */
  readonly silentMs: number;
  /** The same picture for so long is a frozen one. */
  readonly frozenMs: number;
  /** The first and the longest wait between two tries, and how long it has to be live for the first one to count again. */
  readonly firstRetryMs: number;
  readonly longestRetryMs: number;
  /** For so long tries are never further apart than `quickRetryMs`: who comes back within minutes is there again soon. */
  readonly quickForMs: number;
  readonly quickRetryMs: number;
  readonly steadyMs: number;
}

export const cameraTimes: CameraTimes = {
  openMs: 5_000,
  silentMs: 20_000,
  frozenMs: 20_000,
  firstRetryMs: 1_000,
  longestRetryMs: 60_000,
  quickForMs: 300_000,
  quickRetryMs: 10_000,
  steadyMs: 30_000,
};
