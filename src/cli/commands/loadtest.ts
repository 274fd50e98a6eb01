import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import {
  loadTestSpecSchema,
  type LoadTestMinute,
  type LoadTestReport,
  type LoadTestSpec,
} from '../../shared/domain/load-test.ts';
import type { TierName } from '../../shared/domain/model.ts';
import { NightshiftError } from '../../shared/errors.ts';
import { exitCode, type ExitCode } from '../exit-code.ts';
import { call, type Session } from '../session.ts';
import type { Terminal } from '../terminal.ts';
import { withSession } from '../with-session.ts';

export interface LoadTestOptions {
  readonly data?: string;
  readonly json: boolean;
  readonly cameras: number;
  readonly fps: number;
  readonly slo: number;
  readonly minutes: number;
  readonly bursty: boolean;
  readonly ramp: boolean;
  readonly scan?: string;
  readonly model: string;
  readonly tier: TierName;
  readonly out: string;
}

/** A load test in a data folder of its own, which is removed afterwards, or in the given one. */
export async function loadtest(terminal: Terminal, options: LoadTestOptions): Promise<ExitCode> {
  const spec = specOf(options);
  const own = options.data === undefined ? await mkdtemp(join(tmpdir(), 'nightshift-load-')) : null;
  const dataDir = options.data ?? own ?? '.';
  try {
    return await withSession({ dataDir, terminal, cameras: false, resumeJobs: false }, (session) =>
      run(session, terminal, spec, resolve(options.out)),
    );
  } finally {
    if (own !== null) await rm(own, { recursive: true, force: true });
  }
}

function specOf(options: LoadTestOptions): LoadTestSpec {
  const parsed = loadTestSpecSchema.safeParse({
    cameras: options.cameras,
    fps: options.fps,
    sloMs: options.slo,
    minutes: options.minutes,
    arrivals: options.bursty ? 'bursty' : 'steady',
    ramp: options.ramp,
    scan: options.scan === undefined ? null : resolve(options.scan),
    repeatScan: options.data === undefined,
    modelId: options.model,
    tier: options.tier,
  });
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new NightshiftError({
    kind: 'bad-input',
    message: `This load cannot be tested: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`.trim(),
    hint: 'See `nightshift loadtest --help`.',
  });
}

/** Tells every minute, and ends with the report, copied to where it was asked for. */
async function run(session: Session, terminal: Terminal, spec: LoadTestSpec, outDir: string): Promise<ExitCode> {
  let told = 0;
  let ended: (report: LoadTestReport) => void = () => undefined;
  const end = new Promise<LoadTestReport>((resolve) => {
    ended = resolve;
  });
  const undo = session.subscribe((message) => {
    if (message.event !== 'loadTest.progress') return;
    const { minutes, state } = message.payload;
    // The last one may still grow.
    for (const minute of minutes.slice(told, -1)) terminal.say(minuteLine(minute, spec));
    told = Math.max(told, minutes.length - 1);
    const last = minutes[minutes.length - 1];
    if (last !== undefined) terminal.status(minuteLine(last, spec));
    if (state !== 'running') ended(message.payload);
  });
  const interrupt = (): void => {
    void call(session, 'loadTest.stop', undefined);
  };
  process.once('SIGINT', interrupt);
  process.once('SIGTERM', interrupt);
  try {
    await call(session, 'loadTest.start', spec);
    const report = await Promise.race([
      end,
      session.lost.then((error) => {
        throw new Error(error.message);
      }),
    ]);
    const last = report.minutes[report.minutes.length - 1];
    if (last !== undefined) terminal.say(minuteLine(last, spec));
    const files = report.files === null ? null : await copyTo(outDir, report.files);
    terminal.result({ ...report, files }, () => describe({ ...report, files }));
    return report.state === 'failed' || report.whole === null ? exitCode.failed : exitCode.done;
  } finally {
    undo();
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', interrupt);
  }
}

async function copyTo(outDir: string, files: { html: string; json: string }): Promise<{ html: string; json: string }> {
  await mkdir(outDir, { recursive: true });
  const copy = async (file: string): Promise<string> => {
    const target = join(outDir, basename(file));
    if (target !== file) await copyFile(file, target);
    return target;
  };
  return { html: await copy(files.html), json: await copy(files.json) };
}

function minuteLine(minute: LoadTestMinute, spec: LoadTestSpec): string {
  const { latencyMs, dropped, captured, sloAttainment, archivePerSecond } = minute;
  const lost = Object.values(dropped).reduce((sum, count) => sum + count, 0);
  const latency =
    latencyMs === null
      ? 'no result'
      : `p50 ${latencyMs.p50.toFixed(0)} · p95 ${latencyMs.p95.toFixed(0)} · p99 ${latencyMs.p99.toFixed(0)} of ${String(spec.sloMs)} ms`;
  return `${spec.ramp ? 'step' : 'minute'} ${String(minute.minute)} · ${minute.fps.toFixed(1)} fps each · ${String(captured)} frames, ${String(lost)} dropped · ${latency} · promise kept ${(100 * sloAttainment).toFixed(1)} % · archive ${archivePerSecond.toFixed(1)}/s`;
}

function describe(report: LoadTestReport): readonly string[] {
  const { whole, gaveOut, reason, files } = report;
  return [
    ...(whole === null ? ['It ended before there was anything to measure.'] : []),
    ...(gaveOut === null ? [] : [gaveOut]),
    ...(reason === null ? [] : [reason]),
    ...(files === null ? [] : [`Report: ${files.html}`]),
  ];
}
