import type { Evaluation } from './evaluate.ts';
import type { Machine } from './machine.ts';

/** The JSON of a run. `results` has one entry a figure, always the same names. */
export interface BenchReport extends Evaluation {
  readonly kind: string;
  readonly date: string;
  readonly command: string;
  readonly commit: string | null;
  readonly machine: Machine;
  readonly versions: Readonly<Record<string, string>>;
  readonly rounds: number;
  readonly seconds: number;
  readonly absolute: Readonly<Record<string, number>>;
}
