/**
 * Who is to blame when the engine crashes. Every frame of the call that ran is a suspect; suspects are run again alone,
 * one by one. Only what crashes the engine twice alone, with no progress between, is given up (quarantined): one crash
 * may be an accident, and a frame in company may be innocent.
 *
 * A suspect is any text that names a piece of work and changes when it makes progress: `item#frame` for a frame that
 * ran, `item@cursor` for an item whose decoding may have crashed.
 */
export interface SuspectLedger {
  /** Crashes alone so far, by suspect. */
  readonly crashesAlone: ReadonlyMap<string, number>;
}

export const noSuspects: SuspectLedger = { crashesAlone: new Map() };

/** What ended the engine process. */
export type EngineEnd =
  | 'crashed' // by itself: a signal such as SIGSEGV, or an exit code
  | 'hung' // we ended it because its call did not come back
  | 'ended-by-us' // stop, recycling, memory limit
  | 'ended-from-outside'; // SIGKILL or SIGTERM that we did not send (an operator, the system short of memory)

export function engineEnd(
  exit: { readonly code: number | null; readonly signal: string | null },
  ours: 'stop' | 'memory' | 'hung-call' | null,
): EngineEnd {
  if (ours === 'hung-call') return 'hung';
  if (ours !== null) return 'ended-by-us';
  if (exit.signal === 'SIGKILL' || exit.signal === 'SIGTERM') return 'ended-from-outside';
  // Some hosts report a signal as the shell does: 128 + its number.
  if (exit.signal === null && (exit.code === 137 || exit.code === 143)) return 'ended-from-outside';
  return exit.signal === null && exit.code === 0 ? 'ended-from-outside' : 'crashed';
}

/** `running`: what the engine was working on. Answers who is given up; all others who were running are suspects now. */
export function afterEngineEnd(
  ledger: SuspectLedger,
  end: EngineEnd,
  running: readonly string[],
): { readonly ledger: SuspectLedger; readonly quarantined: readonly string[] } {
  if (end === 'ended-by-us' || end === 'ended-from-outside' || running.length === 0) return { ledger, quarantined: [] };
  const crashesAlone = new Map(ledger.crashesAlone);
  const [alone] = running;
  if (running.length > 1 || alone === undefined) {
    for (const suspect of running) crashesAlone.set(suspect, crashesAlone.get(suspect) ?? 0);
    return { ledger: { crashesAlone }, quarantined: [] };
  }
  const crashes = (crashesAlone.get(alone) ?? 0) + 1;
  if (crashes < 2) {
    crashesAlone.set(alone, crashes);
    return { ledger: { crashesAlone }, quarantined: [] };
  }
  crashesAlone.delete(alone);
  return { ledger: { crashesAlone }, quarantined: [alone] };
}

/** The work got done: whoever did it is no suspect any more. */
export function afterSuccess(ledger: SuspectLedger, done: readonly string[]): SuspectLedger {
  if (!done.some((suspect) => ledger.crashesAlone.has(suspect))) return ledger;
  const crashesAlone = new Map(ledger.crashesAlone);
  for (const suspect of done) crashesAlone.delete(suspect);
  return { crashesAlone };
}

export const mustRunAlone = (ledger: SuspectLedger, suspect: string): boolean => ledger.crashesAlone.has(suspect);
