import { createHash } from 'node:crypto';
import type { JobSpec } from '../../shared/domain/job.ts';

/**
 * The same scan is the same job: its id is made from what is scanned and how, so that asking again resumes it or finds
 * nothing to do. The name, the batch size and the weight change neither what is looked at nor what is found. A gate that is
 * off is left out, so that scans from before there was one are found again.
 */
export function jobIdOf(spec: JobSpec): string {
  if (spec.id !== undefined) return spec.id;
  const { name: _name, batch: _batch, id: _id, weight: _weight, motionGate, ...rest } = spec;
  const identity = motionGate ? { ...rest, motionGate } : rest;
  return `job-${createHash('sha256').update(canonicalJson(identity)).digest('hex').slice(0, 12)}`;
}

/** JSON with sorted keys: equal values give equal text, whatever order they were built in. */
function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).filter(([, field]) => field !== undefined);
    entries.sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${entries.map(([key, field]) => `${JSON.stringify(key)}:${canonicalJson(field)}`).join(',')}}`;
  }
  return JSON.stringify(value);
}
