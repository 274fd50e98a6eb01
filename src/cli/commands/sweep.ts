import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import {
  strayOf,
  sweepReport,
  type SweepDevice,
  type SweepReport,
  type SweepRow,
  type SweptSize,
} from '../../app/sweep/sweep-report.ts';
import { jobSpecSchema, type JobSummary } from '../../shared/domain/job.ts';
import { batchLadder } from '../../shared/domain/lanes.ts';
import type { TierName } from '../../shared/domain/model.ts';
import type { Tariff } from '../../shared/domain/plan.ts';
import type { SystemStatus } from '../../shared/domain/system.ts';
import { NightshiftError } from '../../shared/errors.ts';
import { exitCode, type ExitCode } from '../exit-code.ts';
import { openSession } from '../open-session.ts';
import { call, type Session } from '../session.ts';
import { duration, type Terminal } from '../terminal.ts';
import { followJob } from './scan.ts';

export interface SweepOptions {
  readonly data: string;
  readonly batches: readonly number[];
  readonly model: string;
  readonly tier: TierName;
}

const SAVE_MS = 1_000;
const MEMORY_LIMIT_MS = 5_000;

/** What is kept of a sweep between its processes. */
interface SweepState {
  readonly device: SweepDevice | null;
  readonly sizes: Readonly<Record<string, SweptSize & { readonly done: boolean }>>;
}

/**
 * Scans a folder once at each batch size and compares. Each size has a data folder of its own below `--data`, or a
 * second one would find everything done; they and what was measured are kept until the sweep is whole, so that one that
 * was killed goes on where it was, and then removed, so that the next one measures anew.
 */
export async function sweep(dir: string, options: SweepOptions, terminal: Terminal): Promise<ExitCode> {
  const folder = await folderOf(dir);
  const batches = sizesOf(options.batches);
  const { model, tier } = options;
  const key = createHash('sha256')
    .update(JSON.stringify([folder, model, tier]))
    .digest('hex')
    .slice(0, 12);
  const home = join(resolve(options.data), 'sweep', key);
  const tariff = await tariffOf(options.data, terminal);
  await mkdir(home, { recursive: true });
  const kept = new KeptSweep(join(home, 'sweep.json'));
  const resumed = await kept.load();
  if (resumed) terminal.say(`resumed: ${kept.describe(batches)}`);
  for (const batch of batches) {
    if (kept.size(batch)?.done === true) continue;
    const id = `sweep-${key}-b${String(batch)}`;
    const spec = jobSpecSchema.parse({
      paths: [folder],
      name: `batch ${String(batch)}`,
      modelId: model,
      tier,
      batch,
      id,
    });
    const dataDir = join(home, `batch-${String(batch)}`);
    const session = await openSession({ dataDir, terminal, cameras: false, resumeJobs: false, handOver: false });
    try {
      await sweepOne(session, terminal, spec, batch, kept);
    } finally {
      await session.close();
    }
  }
  const sizes = batches.flatMap((batch) => kept.size(batch) ?? []);
  const { device } = kept.state;
  if (device === null) throw new Error('a sweep that is whole knows its device');
  const report = sweepReport(sizes.map(withoutMark), device, tariff);
  for (const line of table(report)) terminal.say(line);
  const framesTwice = sizes.reduce((sum, size) => sum + size.framesTwice, 0);
  const { rows, recommendation, cost } = report;
  terminal.result({ folder, model, tier, device, batches: rows, recommendation, cost, resumed, framesTwice }, () => [
    recommendation.why,
  ]);
  await rm(home, { recursive: true, force: true });
  return sizes.some(({ failed }) => failed > 0) ? exitCode.someFailed : exitCode.done;
}

/** Runs the job of one size to its end, or throws; what it measures is saved every second. */
async function sweepOne(
  session: Session,
  terminal: Terminal,
  spec: ReturnType<typeof jobSpecSchema.parse>,
  batch: number,
  kept: KeptSweep,
): Promise<void> {
  const before = kept.size(batch);
  let latest: JobSummary | null = null;
  let residentBytes = before?.residentBytes ?? null;
  let used = before?.used ?? null;
  const now = async (job: JobSummary, done: boolean, history: readonly number[] | null): Promise<void> => {
    const { engine, machine } = await statusWithMemory(session, done && residentBytes === null ? MEMORY_LIMIT_MS : 0);
    const { lanes } = await call(session, 'app.overview', undefined);
    residentBytes = Math.max(residentBytes ?? 0, engine.residentBytes ?? 0) || null;
    used = Math.max(used ?? 0, job.batch.chosen ?? 0) || null;
    const cost = lanes.costs.find((one) => one.lane === 'archive' && one.batch === batch);
    await kept.save(
      { device: engine.device, provider: engine.provider, cores: machine.cores },
      {
        batch,
        used,
        pictures: job.frames,
        timedPictures: (before?.timedPictures ?? 0) + job.framesThisRun,
        stray: history === null ? (before?.stray ?? 0) : strayOf(history),
        failed: job.items.failed,
        detections: job.detections,
        runMs: (before?.runMs ?? 0) + job.runMs,
        callP95Ms: cost?.q95Ms ?? before?.callP95Ms ?? null,
        residentBytes,
        framesTwice: (before?.framesTwice ?? 0) + (job.resumed?.framesTwice ?? 0),
        done,
      },
    );
  };
  const undo = session.subscribe((message) => {
    if (message.event === 'jobs.progress') latest = message.payload;
  });
  let saving = Promise.resolve();
  const timer = setInterval(() => {
    const job = latest;
    if (job?.state === 'running') saving = saving.then(() => now(job, false, null)).catch(() => undefined);
  }, SAVE_MS);
  try {
    const { jobId, ended } = await followJob(session, terminal, spec);
    const pause = (): void => void session.request('jobs.pause', { id: jobId });
    process.once('SIGINT', pause);
    process.once('SIGTERM', pause);
    const job = await ended.finally(() => {
      process.off('SIGINT', pause);
      process.off('SIGTERM', pause);
    });
    clearInterval(timer);
    await saving;
    await now(
      job,
      job.state === 'done',
      job.history.map(({ imagesPerSecond }) => imagesPerSecond),
    );
    if (job.state !== 'done') {
      throw new NightshiftError({
        kind: job.state === 'paused' ? 'cancelled' : 'internal',
        message: `The sweep stopped at batch ${String(batch)}: ${job.reason ?? job.state}.`,
        hint: 'The same command goes on from here.',
      });
    }
    if (job.items.total === 0) {
      throw new NightshiftError({
        kind: 'not-found',
        message: 'There are no pictures in it.',
        where: spec.paths[0] ?? '',
      });
    }
  } finally {
    clearInterval(timer);
    undo();
  }
}

/** The engine's memory is read every 2 s, which a short run may miss: waits for it up to `limitMs`. */
async function statusWithMemory(session: Session, limitMs: number): Promise<SystemStatus> {
  const giveUpAt = performance.now() + limitMs;
  for (;;) {
    const status = await call(session, 'system.status', undefined);
    if (status.engine.residentBytes !== null || performance.now() >= giveUpAt) return status;
    await new Promise((resolveWait) => setTimeout(resolveWait, 100));
  }
}

/** The state of a sweep in a file that is whole at every moment. */
class KeptSweep {
  readonly #file: string;
  state: SweepState = { device: null, sizes: {} };

  constructor(file: string) {
    this.#file = file;
  }

  /** True where an earlier process left something to go on with. */
  async load(): Promise<boolean> {
    const text = await readFile(this.#file, 'utf8').catch(() => null);
    if (text !== null) this.state = JSON.parse(text) as SweepState;
    return Object.keys(this.state.sizes).length > 0;
  }

  size(batch: number): SweepState['sizes'][string] | undefined {
    return this.state.sizes[String(batch)];
  }

  async save(device: SweepDevice, size: SweepState['sizes'][string]): Promise<void> {
    this.state = { device, sizes: { ...this.state.sizes, [String(size.batch)]: size } };
    await writeFile(`${this.#file}.part`, JSON.stringify(this.state));
    await rename(`${this.#file}.part`, this.#file);
  }

  describe(batches: readonly number[]): string {
    return batches
      .map((batch) => {
        const size = this.size(batch);
        if (size === undefined) return `batch ${String(batch)} is still to come`;
        return size.done
          ? `batch ${String(batch)} is done`
          : `batch ${String(batch)} has ${String(size.pictures)} pictures`;
      })
      .join(', ');
  }
}

async function folderOf(dir: string): Promise<string> {
  const folder = resolve(dir);
  const found = await stat(folder).catch(() => null);
  if (found?.isDirectory() === true) return folder;
  throw new NightshiftError({
    kind: found === null ? 'not-found' : 'bad-input',
    message: found === null ? 'There is nothing at this path.' : 'This is no folder.',
    where: folder,
    hint: 'Name a folder of pictures; `nightshift demo-images 1000 --out DIR` makes one.',
  });
}

function sizesOf(batches: readonly number[]): readonly number[] {
  const wrong = batches.find((batch) => !(batchLadder as readonly number[]).includes(batch));
  if (wrong !== undefined || batches.length === 0) {
    throw new NightshiftError({
      kind: 'bad-input',
      message: `A batch of ${String(wrong ?? '')} cannot be swept.`,
      where: '--batches',
      hint: `Sizes are ${batchLadder.join(', ')}.`,
    });
  }
  return [...new Set(batches)].sort((a, b) => a - b);
}

/** From the data folder that was named, also where a running Nightshift owns it. */
async function tariffOf(data: string, terminal: Terminal): Promise<Tariff> {
  const session = await openSession({ dataDir: data, terminal, cameras: false, resumeJobs: false });
  try {
    return (await call(session, 'app.overview', undefined)).tariff;
  } finally {
    await session.close();
  }
}

const withoutMark = ({ done: _done, ...size }: SweptSize & { readonly done: boolean }): SweptSize => size;

function table({ rows, recommendation, cost }: SweepReport): readonly string[] {
  const estimated = cost.wattsEstimated ? ', estimated' : '';
  return [
    '',
    '| batch | pictures/s | p95 a picture | memory | 10,000 pictures | 1,000,000 pictures |',
    '| ----: | ---------: | ------------: | -----: | --------------: | -----------------: |',
    ...rows.map((row) => `| ${cells(row, cost.currency).join(' | ')} |`),
    '',
    `${recommendation.why} Cost at ${cost.watts.toFixed(0)} W${estimated}.`,
  ];
}

function cells(row: SweepRow, currency: string): readonly string[] {
  const effort = ({ seconds, cost }: SweepRow['per10000']): string =>
    `${duration(seconds * 1000)}, ${cost.toFixed(cost < 1 ? 4 : 2)} ${currency}`;
  return [
    row.used === null || row.used === row.batch ? String(row.batch) : `${String(row.batch)} (ran ${String(row.used)})`,
    row.imagesPerSecond.toFixed(1),
    row.p95MsPerPicture === null ? '–' : `${row.p95MsPerPicture.toFixed(1)} ms`,
    row.residentBytes === null ? '–' : `${(row.residentBytes / 2 ** 20).toFixed(0)} MiB`,
    effort(row.per10000),
    effort(row.per1000000),
  ];
}
