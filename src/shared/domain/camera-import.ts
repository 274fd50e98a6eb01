import { z } from 'zod';

/** A list of cameras as a file has it. */
export const cameraImportSchema = z.strictObject({
  text: z.string().min(1).max(500_000),
  format: z.enum(['csv', 'json']),
  /** `none`: a preview. `good`: those rows that have no problem. `all`: every row, or none where one has a problem. */
  apply: z.enum(['none', 'good', 'all']),
  allowLoopback: z.boolean().default(false),
});
export type CameraImportRequest = z.infer<typeof cameraImportSchema>;

/** Without passwords. */
export interface CameraImportRow {
  /** Of the file, from 1; of a JSON list, the place in it. */
  readonly line: number;
  readonly name: string;
  readonly url: string;
  readonly group: string;
  readonly hasLogin: boolean;
  /** Why it cannot become a camera; null: it can. */
  readonly problem: string | null;
  /** Of the camera that was made of it. */
  readonly cameraId: string | null;
}

export interface CameraImport {
  readonly rows: readonly CameraImportRow[];
  readonly added: number;
  readonly problems: number;
}

/** The columns of a list; `name` and `url` must be there. */
export const cameraColumns = [
  'name',
  'url',
  'large',
  'user',
  'password',
  'group',
  'weight',
  'tier',
  'fps',
  'slo',
  'model',
  'transport',
  'motionGate',
  'recording',
  'keepDays',
  'enabled',
] as const;
export type CameraColumn = (typeof cameraColumns)[number];
