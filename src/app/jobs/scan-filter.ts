import { PathFilter } from '../../core/jobs/path-patterns.ts';
import type { JobSpec } from '../../shared/domain/job.ts';

/**
 * The files that a scan wants, by the pattern that one of its paths has in it (null: none).
 *
 * @throws NightshiftError `bad-input` where a pattern is not understood, at once
 */
export function scanFilter({
  include,
  exclude,
}: Pick<JobSpec, 'include' | 'exclude'>): (within: string | null) => PathFilter {
  const all = new PathFilter(include, exclude);
  return (within) => (within === null ? all : new PathFilter(include, exclude, within));
}
