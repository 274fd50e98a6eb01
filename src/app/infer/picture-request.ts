import { z } from 'zod';
import type { FailureKind } from '../../shared/domain/job.ts';
import { tierNames } from '../../shared/domain/model.ts';
import type { PictureAnswer } from '../../shared/domain/picture-api.ts';
import { NightshiftError } from '../../shared/errors.ts';

/** A picture that is longer than this many bytes is refused before it is read. */
export const mostPictureBytes = 16 * 2 ** 20;

export const defaultDeadlineMs = 1_000;
const longestDeadlineMs = 60_000;

/** How a picture is run, and until when an answer is of use. Deadlines count from the moment the request was let in. */
export const pictureOptionsSchema = z.strictObject({
  model: z.string().min(1).max(200).default('nanodet-g'),
  tier: z.enum(tierNames).default('normal'),
  score: z.number().min(0.01).max(1).nullable().default(null),
  classes: z.array(z.string().min(1).max(60)).min(1).max(1000).nullable().default(null),
  deadlineMs: z.number().min(1).max(longestDeadlineMs).default(defaultDeadlineMs),
});
export type PictureOptions = z.infer<typeof pictureOptionsSchema>;

/** The fast tier answers a review, the accurate one has the last word: no tier to choose, but where to tell it. */
export const reviewOptionsSchema = pictureOptionsSchema.omit({ tier: true }).extend({
  webhook: z.string().min(1).max(2048).nullable().default(null),
});
export type ReviewOptions = z.infer<typeof reviewOptionsSchema>;

/** Options as an address carries them: `model`, `tier`, `score`, `classes` (comma between), `deadline` (ms), `webhook`. */
export function optionsOf<T>(schema: z.ZodType<T>, query: URLSearchParams): T {
  const known = new Map([
    ['model', 'model'],
    ['tier', 'tier'],
    ['score', 'score'],
    ['classes', 'classes'],
    ['deadline', 'deadlineMs'],
    ['webhook', 'webhook'],
  ]);
  const raw: Record<string, unknown> = {};
  for (const [name, text] of query) {
    const key = known.get(name);
    if (key === undefined) {
      throw new NightshiftError({
        kind: 'bad-input',
        message: `There is no option "${name}".`,
        where: name,
        hint: `The options are ${[...known.keys()].join(', ')}.`,
      });
    }
    if (key in raw)
      throw new NightshiftError({ kind: 'bad-input', message: `"${name}" was given twice.`, where: name });
    if (key === 'classes') raw[key] = text.split(',').map((label) => label.trim());
    else raw[key] = key === 'score' || key === 'deadlineMs' ? Number(text) : text;
  }
  const parsed = schema.safeParse(raw);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const field = String(issue?.path[0] ?? '');
  const name = field === 'deadlineMs' ? 'deadline' : field;
  const message =
    issue?.code === 'unrecognized_keys'
      ? `There is no option "${issue.keys.join('", "')}" here.`
      : (issue?.message ?? 'The options are not understood.');
  throw new NightshiftError({ kind: 'bad-input', message: name === '' ? message : `${name}: ${message}`, where: name });
}

/** What becomes of a picture. Only the first has boxes; none of the others is a bug. */
export type PictureOutcome =
  | { readonly is: 'answered'; readonly answer: PictureAnswer }
  /** The queue is full, or the engine is away: the same request may be made again. */
  | { readonly is: 'refused'; readonly reason: string; readonly retryAfterS: number }
  | { readonly is: 'late'; readonly reason: string }
  /** The picture itself: no attempt can help. */
  | { readonly is: 'unusable'; readonly kind: FailureKind; readonly reason: string };

/** A place in the queue. It must be given back once, whatever became of the request. */
export interface Admission {
  readonly atMonoMs: number;
  release(): void;
}

/** First bytes of the formats that are taken; null: none of them. */
export function pictureFormat(bytes: Uint8Array): 'jpg' | 'png' | 'webp' | null {
  const ascii = (from: number, to: number): string => String.fromCharCode(...bytes.subarray(from, to));
  if (bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff) return 'jpg';
  if (bytes[0] === 0x89 && ascii(1, 4) === 'PNG') return 'png';
  if (ascii(0, 4) === 'RIFF' && ascii(8, 12) === 'WEBP') return 'webp';
  return null;
}
