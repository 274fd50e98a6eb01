import { words } from '../strings/words.ts';

/** What a field for a number says and takes. */
export interface NumberSpec {
  readonly label: string;
  /** Stands behind the input; part of the name for a screen reader. */
  readonly unit?: string;
  readonly hint?: string;
  /** Limits of what is typed, both taken. */
  readonly min: number;
  readonly max: number;
  /** 1: whole numbers only. */
  readonly step?: 1 | 'any';
  /** What is typed is the value times this: 100 for a share that is typed in percent. */
  readonly factor?: number;
  readonly testId?: string;
}

/** What may be asked of a camera, real or not; the limits are those that the application takes. */
export const cameraRate = { label: words.system.plan.fps, unit: 'fps', min: 0.1, max: 60 } satisfies NumberSpec;
export const cameraPromise = { label: words.system.plan.slo, unit: 'ms', min: 10, max: 60_000 } satisfies NumberSpec;
