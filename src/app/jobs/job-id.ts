import { createHash } from 'node:crypto';
import type { JobSpec } from '../../shared/domain/job.ts';
import { canonicalJson } from '../models/recipe.ts';

/**
 * The same scan is the same job: its id is made from what is scanned and how, so that asking again resumes it or finds
 * nothing to do. The name and the batch size change neither what is looked at nor what is found.
 */
export function jobIdOf(spec: JobSpec): string {
  if (spec.id !== undefined) return spec.id;
  const { name: _name, batch: _batch, id: _id, ...identity } = spec;
  return `job-${createHash('sha256').update(canonicalJson(identity)).digest('hex').slice(0, 12)}`;
}
