import type { ShedStep } from '../../shared/domain/lanes.ts';

/** What gave way: once for every step, camera and second; or, with no frames, that a step began or ended. */
export interface ShedEntry {
  readonly monoMs: number;
  readonly step: ShedStep;
  /** The camera's name; null: the archive, or all cameras. */
  readonly camera: string | null;
  frames: number;
  why: string;
}

/** What was not drained yet. */
export interface ShedLedger {
  entries: ShedEntry[];
  /** Finds the entries of the second that is filling. */
  readonly latest: Map<string, ShedEntry>;
  /** Entries lost because nobody drained. */
  forgotten: number;
}

const mostEntries = 4_096;

export const createShedLedger = (): ShedLedger => ({ entries: [], latest: new Map(), forgotten: 0 });

/** What gave way since the last time it was asked; it is forgotten here. */
export function drainLedger(ledger: ShedLedger): readonly ShedEntry[] {
  const drained = ledger.entries;
  ledger.entries = [];
  ledger.latest.clear();
  return drained;
}

/** `frames` 0: the step begins or ends. */
export function record(
  ledger: ShedLedger,
  nowMonoMs: number,
  step: ShedStep,
  camera: string | null,
  frames: number,
  why: string,
): void {
  const key = `${step} ${camera ?? ''} ${Math.floor(nowMonoMs / 1000)}`;
  const known = frames === 0 ? undefined : ledger.latest.get(key);
  if (known !== undefined) {
    known.frames += frames;
    return;
  }
  if (ledger.entries.length >= mostEntries) {
    ledger.entries.splice(0, mostEntries / 2);
    ledger.latest.clear();
    ledger.forgotten += mostEntries / 2;
  }
  const entry = { monoMs: nowMonoMs, step, camera, frames, why };
  ledger.entries.push(entry);
  if (frames === 0) return;
  if (ledger.latest.size >= mostEntries / 4) ledger.latest.clear();
  ledger.latest.set(key, entry);
}
