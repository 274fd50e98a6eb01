/** Exit codes scripts rely on. */
export const exitCode = {
  done: 0,
  failed: 1,
  usage: 2,
  /** Finished, but some items failed (also on a re-run that still has failed items). */
  someFailed: 3,
} as const;
export type ExitCode = (typeof exitCode)[keyof typeof exitCode];
