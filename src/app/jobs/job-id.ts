import { createHash } from 'node:crypto';
import type { JobSpec } from '../../shared/domain/job.ts';

/**
 * The same scan is the same job: its id is made from what is scanned and how, so that asking again resumes it or finds
 * nothing to do. The name, the batch size and the weight change neither what is looked at nor what is found. What a scan
 * makes no use of is left out, so that scans from before there was such a setting are found again.
 */
export function jobIdOf(spec: JobSpec): string {
  if (spec.id !== undefined) return spec.id;
  const { name: _name, batch: _batch, id: _id, weight: _weight, ...scanned } = spec;
  const { motionGate, include, exclude, fps, sampling, span, lists, ...rest } = scanned;
  const identity = {
    ...rest,
    ...(sampling === null ? { fps } : { sampling }),
    ...(span === null ? {} : { span }),
    ...(motionGate ? { motionGate } : {}),
    ...(lists.length > 0 ? { lists } : {}),
    ...(include.length > 0 ? { include } : {}),
    ...(exclude.length > 0 ? { exclude } : {}),
  };
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
