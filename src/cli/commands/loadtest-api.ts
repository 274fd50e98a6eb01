import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { batchLadder } from '../../shared/domain/lanes.ts';
import type { TierName } from '../../shared/domain/model.ts';
import type { LabelledDetection } from '../../shared/domain/picture-api.ts';
import { NightshiftError } from '../../shared/errors.ts';
import { apiLoadRow, type ApiLoadRow } from '../api-load/api-load-row.ts';
import { apiVerdict } from '../api-load/api-verdict.ts';
import { arrivalTimes, type Arrivals } from '../api-load/arrivals.ts';
import { openLoop, type Sent } from '../api-load/open-loop.ts';
import { PictureClient, type PictureReply } from '../api-load/picture-client.ts';
import { exitCode, type ExitCode } from '../exit-code.ts';
import { openOwn } from '../open-session.ts';
import { hostPaths } from '../paths.ts';
import { call, type Session } from '../session.ts';
import type { Terminal } from '../terminal.ts';
import { followJob } from './scan.ts';

export interface ApiLoadOptions {
  readonly rate: number;
  readonly seconds: number;
  readonly window: number;
  readonly maxBatch: number;
  readonly arrivals: Arrivals;
  readonly deadline: number;
  readonly model: string;
  readonly tier: TierName;
}

export interface ApiLoadReport {
  readonly rate: number;
  readonly seconds: number;
  readonly arrivals: Arrivals;
  readonly deadlineMs: number;
  readonly rows: readonly ApiLoadRow[];
  /** Every answer had exactly the boxes of a scan of the same picture. */
  readonly boxesEqual: boolean;
  readonly winner: string;
  readonly why: string;
}

type Setting = Pick<ApiLoadRow, 'mode' | 'windowMs' | 'maxBatch'>;

/** Halves of each mode in the order A B B A, so that a machine that warms up or slows down favours neither. */
const slices = [0, 1, 1, 0] as const;
const longestWarmUpMs = 20_000;
const warmUpDeadlineMs = 60_000;

/**
 * The same pictures at the same times to a gateway of its own, once a picture a call and once micro-batched: which of
 * the two answers more and sooner on this device, and whether the boxes are those of a scan.
 */
export async function loadtestApi(options: ApiLoadOptions, terminal: Terminal): Promise<ExitCode> {
  const dataDir = await mkdtemp(join(tmpdir(), 'nightshift-api-load-'));
  try {
    const own = { dataDir, terminal, cameras: false, resumeJobs: false, rendererDir: null, port: 0 };
    const { session, gateway } = await openOwn(own);
    const client = new PictureClient(gateway.url);
    try {
      const report = await compare(options, session, client, dataDir, terminal);
      terminal.result(report, () => describe(report));
      return report.boxesEqual ? exitCode.done : exitCode.failed;
    } finally {
      client.close();
      await session.close();
    }
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
}

async function compare(
  options: ApiLoadOptions,
  session: Session,
  client: PictureClient,
  dataDir: string,
  terminal: Terminal,
): Promise<ApiLoadReport> {
  const { rate, seconds, arrivals, deadline, model, tier } = options;
  const pictures = await demoPictures();
  terminal.say(`Scanning ${String(pictures.length)} pictures of the demo footage, to compare boxes with.`);
  const scanned = await scanOf(session, terminal, pictures, options, dataDir);

  const settings: readonly [Setting, Setting] = [
    { mode: 'batch-1', windowMs: 0, maxBatch: 1 },
    { mode: 'micro-batched', windowMs: options.window, maxBatch: options.maxBatch },
  ];
  const halves = [0, 1].map(() => arrivalTimes(rate, seconds / 2, arrivals, Math.random));
  const replies: [Sent<PictureReply>[], Sent<PictureReply>[]] = [[], []];
  let equal = true;
  for (const [round, which] of slices.entries()) {
    const setting = settings[which];
    if (!(await isReady(session, client, setting, pictures, options))) {
      terminal.say(
        `Calls of ${String(setting.maxBatch)} pictures were not ready within ${String(longestWarmUpMs / 1000)} s: smaller ones are used.`,
      );
    }
    terminal.say(`${setting.mode}: ${String(rate)} pictures a second for ${String(seconds / 2)} s`);
    const sent = await openLoop(halves[round < 2 ? 0 : 1] ?? [], (index) => {
      const picture = pictures[index % pictures.length] as Picture;
      return client.infer(picture.jpeg, { model, tier, deadline: String(deadline) });
    });
    for (const { index, reply } of sent) {
      const picture = pictures[index % pictures.length] as Picture;
      if (reply.detections !== null) equal &&= isSame(reply.detections, scanned.get(picture.name) ?? []);
    }
    replies[which].push(...sent);
  }
  const [alone, batched] = [apiLoadRow(settings[0], replies[0], seconds), apiLoadRow(settings[1], replies[1], seconds)];
  return {
    rate,
    seconds,
    arrivals,
    deadlineMs: deadline,
    rows: [alone, batched],
    boxesEqual: equal && alone.answered + batched.answered > 0,
    ...apiVerdict(alone, batched),
  };
}

interface Picture {
  readonly name: string;
  readonly path: string;
  readonly jpeg: Uint8Array;
}

async function demoPictures(): Promise<readonly Picture[]> {
  const folder = join(hostPaths().resourcesDir, 'demo', 'night');
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.jpg')).sort();
  if (names.length === 0) {
    throw new NightshiftError({
      kind: 'not-found',
      message: 'This build has no demo pictures to send.',
      where: folder,
      hint: 'Run it from the repository, or from a package with the demo footage.',
    });
  }
  return Promise.all(
    names.map(async (name) => ({ name, path: join(folder, name), jpeg: await readFile(join(folder, name)) })),
  );
}

/** What a scan finds in the pictures, by name. */
async function scanOf(
  session: Session,
  terminal: Terminal,
  pictures: readonly Picture[],
  { model, tier }: ApiLoadOptions,
  dataDir: string,
): Promise<ReadonlyMap<string, readonly LabelledDetection[]>> {
  const spec = { paths: pictures.map(({ path }) => path), modelId: model, tier };
  const { jobId, ended } = await followJob(session, terminal, spec);
  const { state, items, reason } = await ended;
  if (state !== 'done' || items.failed > 0) {
    throw new NightshiftError({
      kind: 'internal',
      message: `The demo pictures could not be scanned: ${reason ?? state}.`,
    });
  }
  const file = join(dataDir, 'scan.json');
  const scope = { jobId, cameraId: null, sinceMs: null, untilMs: null };
  await call(session, 'reports.export', { scope, format: 'json', file });
  const { detections } = JSON.parse(await readFile(file, 'utf8')) as {
    readonly detections: readonly (LabelledDetection & { readonly source: string })[];
  };
  const byName = new Map<string, LabelledDetection[]>();
  for (const { source, class: label, score, box } of detections) {
    const own = byName.get(basename(source)) ?? [];
    own.push({ class: label, score, box });
    byName.set(basename(source), own);
  }
  return byName;
}

/** Sets the window and waits until calls of its widest batch are warm; false: they were not in time. */
async function isReady(
  session: Session,
  client: PictureClient,
  { windowMs, maxBatch }: Setting,
  [picture]: readonly Picture[],
  { model, tier }: ApiLoadOptions,
): Promise<boolean> {
  await call(session, 'lanes.configure', { api: { windowMs, batch: maxBatch } });
  const widest = [...batchLadder].reverse().find((size) => size <= maxBatch) ?? 1;
  const query = { model, tier, deadline: String(warmUpDeadlineMs) };
  for (const endMs = performance.now() + longestWarmUpMs; performance.now() < endMs; await wait(200)) {
    // Each also says that the API is in use: a quiet one is not warmed any further.
    const reply = await client.infer((picture as Picture).jpeg, query);
    const { lanes } = await call(session, 'app.overview', undefined);
    const isWarm = lanes.costs.some(
      (cost) => cost.lane === 'live' && cost.batch === widest && cost.modelId === reply.model,
    );
    if (reply.status === 200 && isWarm) return true;
  }
  return false;
}

/** In any order of equal boxes: class, score and place must be the same to the last digit. */
function isSame(one: readonly LabelledDetection[], other: readonly LabelledDetection[]): boolean {
  const text = (detections: readonly LabelledDetection[]): string =>
    detections
      .map(({ class: label, score, box }) => JSON.stringify([label, score, box]))
      .sort()
      .join('\n');
  return text(one) === text(other);
}

function describe({ rate, seconds, arrivals, rows, boxesEqual, why }: ApiLoadReport): readonly string[] {
  const cell = (value: number | null, digits: number): string => (value === null ? '-' : value.toFixed(digits));
  const lines = rows.map((row) =>
    [
      row.mode.padEnd(14),
      `${String(row.windowMs)} ms`.padStart(7),
      String(row.maxBatch).padStart(5),
      String(row.sent).padStart(6),
      String(row.answered).padStart(9),
      String(row.refused).padStart(8),
      String(row.late).padStart(5),
      cell(row.p50Ms, 1).padStart(8),
      cell(row.p95Ms, 1).padStart(8),
      cell(row.p99Ms, 1).padStart(8),
      cell(row.perSecond, 1).padStart(8),
      cell(row.meanBatch, 2).padStart(7),
    ].join(' '),
  );
  return [
    `${String(rate)} pictures a second for ${String(seconds)} s, ${arrivals} arrivals; ms from when each was due`,
    'mode            window batch   sent  answered  refused  late      p50      p95      p99     /s    batch',
    ...lines,
    `Boxes ${boxesEqual ? 'are those of a scan' : 'DIFFER from those of a scan'} of the same pictures.`,
    why,
  ];
}
