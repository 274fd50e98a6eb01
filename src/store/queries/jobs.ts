import type { JobSpec } from '../../shared/domain/job.ts';
import type { JobTotals, StoredJob } from '../operations.ts';
import { notFound, type Operation } from '../store-context.ts';

const columns = `id, name, spec, state, reason, created_at_ms AS createdAtMs, started_at_ms AS startedAtMs,
  ended_at_ms AS endedAtMs, start_key AS startKey`;

type JobRow = Omit<StoredJob, 'spec' | 'startKey'> & { readonly spec: string; readonly startKey: string | null };
/** Settings that rows from before them lack. */
const later = {
  motionGate: false,
  weight: 1,
  lists: [],
  include: [],
  exclude: [],
  sampling: null,
  span: null,
} satisfies Partial<JobSpec>;
const toJob = ({ startKey, ...row }: JobRow): StoredJob => ({
  ...row,
  spec: { ...later, ...(JSON.parse(row.spec) as Omit<JobSpec, keyof typeof later>) },
  ...(startKey === null ? {} : { startKey }),
});

/** Newest first. */
export const listJobs: Operation<'jobs.list'> = ({ db }) => {
  const select = db.prepare(`SELECT ${columns} FROM jobs ORDER BY created_at_ms DESC, pk DESC`);
  return () => (select.all() as JobRow[]).map(toJob);
};

export const getJob: Operation<'jobs.get'> = ({ db }) => {
  const select = db.prepare(`SELECT ${columns} FROM jobs WHERE id = ?`);
  return ({ id }) => {
    const row = select.get(id) as JobRow | undefined;
    return row === undefined ? null : toJob(row);
  };
};

const rounded = (ms: number | null): number | null => (ms === null ? null : Math.round(ms));

export const saveJob: Operation<'jobs.save'> = ({ db }) => {
  const upsert = db.prepare(
    `INSERT INTO jobs (id, name, spec, state, reason, created_at_ms, started_at_ms, ended_at_ms, start_key)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET name = excluded.name, spec = excluded.spec, state = excluded.state,
       reason = excluded.reason, started_at_ms = excluded.started_at_ms, ended_at_ms = excluded.ended_at_ms,
       start_key = excluded.start_key`,
  );
  return (job) => {
    upsert.run(
      job.id,
      job.name,
      JSON.stringify(job.spec),
      job.state,
      job.reason,
      Math.round(job.createdAtMs),
      rounded(job.startedAtMs),
      rounded(job.endedAtMs),
      job.startKey ?? null,
    );
  };
};

/** Read from the job's counts: its cost does not grow with the ledger. */
export const jobTotals: Operation<'jobs.totals'> = ({ db, jobPk }) => {
  const select = db.prepare(
    `SELECT total, pictures, pending, done, failed, frames, detections, expected_frames AS expectedFrames,
       unknown_items AS unknownItems FROM job_counts WHERE job_pk = ?`,
  );
  return ({ id }) => {
    const pk = jobPk(id);
    if (pk === null) throw notFound('job', id);
    return select.get(pk) as JobTotals;
  };
};
