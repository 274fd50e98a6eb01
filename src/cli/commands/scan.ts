import { resolve } from 'node:path';
import { existingPath } from '../../app/jobs/existing-path.ts';
import { scannedRoot } from '../../app/jobs/scanned-root.ts';
import type { JobDetail, JobSpecInput, JobSummary } from '../../shared/domain/job.ts';
import { jobSpecSchema } from '../../shared/domain/job.ts';
import { NightshiftError } from '../../shared/errors.ts';
import { exitCode, type ExitCode } from '../exit-code.ts';
import { onInterrupt } from '../on-interrupt.ts';
import { call, type Session } from '../session.ts';
import { bar, duration, type Terminal } from '../terminal.ts';

export interface ScanOptions {
  readonly model: string;
  readonly tier: string;
  readonly batch: string;
  readonly fps: number;
  readonly everyNth?: number;
  readonly keyframes: boolean;
  /** Of every video, in ms. */
  readonly from?: number;
  readonly to?: number;
  /** Lists of files. */
  readonly list: readonly string[];
  readonly recursive: boolean;
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  readonly motionGate: boolean;
  readonly weight: number;
  readonly name?: string;
  readonly job?: string;
}

/** The JSON object of `scan`, and of the archive half of `live`. */
export interface ScanReport {
  readonly jobId: string;
  readonly items: JobSummary['items'];
  readonly failures: JobDetail['failures'];
  /** Why it stopped, or what it could not look at although it is done; null: nothing. */
  readonly reason: string | null;
  readonly frames: number;
  /** Of the frames: those in which nothing had changed, so that they were not run. */
  readonly inherited: number;
  readonly detections: number;
  readonly seconds: number;
  readonly imagesPerSecond: number;
  readonly batch: JobSummary['batch'];
  readonly batchFill: number | null;
  readonly errors: JobSummary['errors'];
  readonly resumed: JobSummary['resumed'];
}

/** An archive job in the foreground; run again it resumes or finds nothing to do. */
export async function scan(
  session: Session,
  terminal: Terminal,
  paths: readonly string[],
  options: ScanOptions,
): Promise<ExitCode> {
  return scanToItsEnd(session, terminal, await followJob(session, terminal, await specOf(paths, options)));
}

/** An interruption pauses it. */
export async function scanToItsEnd(session: Session, terminal: Terminal, follow: FollowedJob): Promise<ExitCode> {
  const stop = onInterrupt(() => {
    // Refused where the job has just ended by itself, and then `ended` says so.
    void session.request('jobs.pause', { id: follow.jobId });
  });
  const detail = await follow.ended.finally(stop);
  const report = scanReport(detail);
  if (detail.resumed !== null) terminal.say(resumedLine(detail.resumed));
  terminal.result(report, () => describe(detail, report));
  return jobExitCode(detail);
}

export async function specOf(paths: readonly string[], options: ScanOptions): Promise<JobSpecInput> {
  for (const path of paths) await scannedRoot(resolve(path));
  for (const list of options.list) await existingPath(resolve(list));
  const { from, to, everyNth } = options;
  const parsed = jobSpecSchema.safeParse({
    paths: paths.map((path) => resolve(path)),
    lists: options.list.map((list) => resolve(list)),
    recursive: options.recursive,
    include: options.include,
    exclude: options.exclude,
    modelId: options.model,
    tier: options.tier,
    fps: options.fps,
    sampling: options.keyframes ? 'keyframes' : everyNth === undefined ? null : { every: everyNth },
    span: from === undefined && to === undefined ? null : { fromMs: from ?? 0, toMs: to ?? null },
    motionGate: options.motionGate,
    weight: options.weight,
    batch: options.batch === 'auto' ? 'auto' : Number(options.batch),
    ...(options.name === undefined ? {} : { name: options.name }),
    ...(options.job === undefined ? {} : { id: options.job }),
  });
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new NightshiftError({
      kind: 'bad-input',
      message: `--${issue?.path.join('.') ?? 'option'}: ${issue?.message ?? 'not understood'}.`,
      hint: 'See `nightshift scan --help`.',
    });
  }
  return parsed.data;
}

export interface FollowedJob {
  readonly jobId: string;
  readonly ended: Promise<JobDetail>;
}

/** Starts (or resumes) the job and follows it to its end, with a progress bar. */
export function followJob(session: Session, terminal: Terminal, spec: JobSpecInput): Promise<FollowedJob> {
  return followStarted(session, terminal, () => call(session, 'jobs.create', jobSpecSchema.parse(spec)));
}

/** The same for a job that `start` starts. */
export async function followStarted(
  session: Session,
  terminal: Terminal,
  start: () => Promise<JobSummary>,
): Promise<FollowedJob> {
  let jobId: string | null = null;
  let finish: (summary: JobSummary) => void = () => undefined;
  const last = new Promise<JobSummary>((resolveLast) => {
    finish = resolveLast;
  });
  let toldResume = false;
  const hear = (job: JobSummary): void => {
    if (job.id !== jobId) return;
    if (job.resumed !== null && !toldResume) {
      toldResume = true;
      terminal.say(`resumed at ${String(Math.floor(job.resumed.atProgress * 100))} %`);
    }
    terminal.status(progressLine(job));
    if (job.state === 'done' || job.state === 'failed' || job.state === 'cancelled' || job.state === 'paused')
      finish(job);
  };
  const early: JobSummary[] = [];
  const undo = session.subscribe((message) => {
    if (message.event !== 'jobs.progress') return;
    if (jobId === null) early.push(message.payload);
    else hear(message.payload);
  });
  const lost = session.lost.then((error) => {
    throw new NightshiftError(error);
  });
  const summary = await start();
  jobId = summary.id;
  early.forEach(hear);
  hear(
    summary.state === 'queued' || summary.state === 'running' || summary.state === 'enumerating'
      ? summary
      : (early[early.length - 1] ?? summary),
  );
  const ended = Promise.race([last, lost])
    .then((job) => call(session, 'jobs.get', { id: job.id }))
    .finally(undo);
  return { jobId, ended };
}

export function scanReport(job: JobDetail): ScanReport {
  const seconds = job.runMs / 1000;
  return {
    jobId: job.id,
    items: job.items,
    failures: job.failures,
    reason: job.reason,
    frames: job.framesThisRun,
    inherited: job.inheritedThisRun,
    detections: job.detections,
    seconds: Math.round(seconds * 1000) / 1000,
    imagesPerSecond: job.framesThisRun === 0 || seconds === 0 ? 0 : Math.round((job.framesThisRun / seconds) * 10) / 10,
    batch: job.batch,
    batchFill: job.batchFill,
    errors: job.errors,
    resumed: job.resumed,
  };
}

export function jobExitCode(job: JobDetail): ExitCode {
  if (job.state !== 'done') return exitCode.failed;
  // A reason on a job that is done names folders that could not be looked into.
  return job.items.failed > 0 || job.reason !== null ? exitCode.someFailed : exitCode.done;
}

const resumedLine = ({ atProgress, framesTwice }: NonNullable<JobSummary['resumed']>): string =>
  `resumed at ${String(Math.floor(atProgress * 100))} %, ${String(framesTwice)} done twice`;

function progressLine(job: JobSummary): string {
  if (job.queuePlace !== null) return `${job.name}: waits for other scans, place ${String(job.queuePlace)}`;
  if (job.listing !== null) {
    const seen = job.frames === 0 ? '' : ` · looked at ${String(job.frames)} · found ${String(job.detections)}`;
    return `${job.name}: listing, ${String(job.listing)} files so far${seen}`;
  }
  if (job.progress === null || job.state === 'enumerating') return `${job.name}: looking for pictures and videos`;
  const speed = job.imagesPerSecond === null ? '' : ` · ${job.imagesPerSecond.toFixed(1)} pictures/s`;
  const batch = job.batch.chosen === null ? '' : ` · batch ${String(job.batch.chosen)}`;
  const eta = job.etaMs === null ? '' : ` · ${duration(job.etaMs)} left`;
  return `${job.name} ${bar(job.progress)} · found ${String(job.detections)}${speed}${batch}${eta}`;
}

function describe(job: JobDetail, report: ScanReport): readonly string[] {
  const { items } = job;
  const lines = [
    `${job.name} (${job.id}): ${job.state}${job.reason === null ? '' : `: ${job.reason}`}`,
    `items: ${String(items.done)} done, ${String(items.skipped)} done before, ${String(items.failed)} failed of ${String(items.total)}`,
    `frames this run: ${String(report.frames)} in ${report.seconds.toFixed(1)} s (${report.imagesPerSecond.toFixed(1)}/s), detections so far: ${String(report.detections)}`,
  ];
  if (report.inherited > 0) lines.push(`unchanged, not run again: ${String(report.inherited)} of them`);
  for (const failure of job.failures) lines.push(`  ${failure.path}: ${failure.kind}: ${failure.reason}`);
  return lines;
}
