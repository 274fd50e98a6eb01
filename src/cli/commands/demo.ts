import { fork, type ChildProcess } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { connectOwner, type OwnerClient } from '../../app/gateway/handover-client.ts';
import type { EventMessage } from '../../shared/contract/events.ts';
import { cameraSettingsSchema } from '../../shared/domain/camera.ts';
import { jobSpecSchema, type JobDetail } from '../../shared/domain/job.ts';
import { NightshiftError } from '../../shared/errors.ts';
import { ClaimTable } from '../demo-claims.ts';
import { exitCode, type ExitCode } from '../exit-code.ts';
import { hostPaths } from '../paths.ts';
import type { Terminal } from '../terminal.ts';

const SLO_MS = 200;
const ALONE_MS = 15_000;
const BESIDE_MS = 15_000;

/** The demo night, made long enough to be killed twice: every frame, at the accurate tier. */
const nightSpec = (path: string): ReturnType<typeof jobSpecSchema.parse> =>
  jobSpecSchema.parse({ paths: [path], name: 'Demo night', fps: 10, tier: 'accurate', id: 'demo-night' });

/**
 * The whole story without a screen, on real footage with the real model: a camera live, a night scanned beside it, the
 * engine killed, the application killed, both resumed, a report written and compared. One line a claim.
 */
export async function demo(terminal: Terminal): Promise<ExitCode> {
  const { resourcesDir } = hostPaths();
  const footage = { camera: join(resourcesDir, 'demo', 'camera.mp4'), night: join(resourcesDir, 'demo', 'night') };
  await stat(footage.camera).catch((cause: unknown) => {
    throw new NightshiftError(
      { kind: 'not-found', message: 'The demo footage is not installed.', where: footage.camera },
      { cause },
    );
  });
  const folder = await mkdtemp(join(tmpdir(), 'nightshift-demo-'));
  const claims = new ClaimTable(terminal);
  let application: RunningApplication | null = null;
  try {
    application = await RunningApplication.start(join(folder, 'data'));
    const first = await tellLiveStory(application, footage, claims, terminal);
    application = await tellCrashStory(application, first, claims, terminal);
    await tellReportStory(application, footage.night, folder, claims, terminal);
  } finally {
    await application?.stop();
    await rm(folder, { recursive: true, force: true });
  }
  terminal.result({ ok: claims.allHold, claims: claims.rows }, () => claims.table());
  return claims.allHold ? exitCode.done : exitCode.failed;
}

interface LiveStory {
  readonly cameraId: string;
  readonly jobId: string;
}

async function tellLiveStory(
  application: RunningApplication,
  footage: { camera: string; night: string },
  claims: ClaimTable,
  terminal: Terminal,
): Promise<LiveStory> {
  terminal.say('1/4 a camera, alone');
  const addedAt = performance.now();
  const camera = await application.client.call(
    'cameras.add',
    cameraSettingsSchema.parse({ name: 'Demo camera', url: pathToFileURL(footage.camera).href, sloMs: SLO_MS }),
  );
  await application.until(
    (message) =>
      message.event === 'cameras.result' && message.payload.detections.some((found) => found.label === 'person'),
    90_000,
  );
  claims.atMost('boxes on people after adding the camera', (performance.now() - addedAt) / 1000, 90, 's');
  const alone = await application.resultLatencies(ALONE_MS);
  claims.atMost('live p95, camera alone', quantile(alone, 0.95), SLO_MS, 'ms');

  terminal.say('2/4 the demo night scanned beside it');
  const job = await application.client.call('jobs.create', nightSpec(footage.night));
  await application.until((message) => message.event === 'jobs.progress' && message.payload.frames > 0, 60_000);
  const framesBefore = (await application.client.call('jobs.get', { id: job.id })).frames;
  const beside = await application.resultLatencies(BESIDE_MS);
  const framesAfter = (await application.client.call('jobs.get', { id: job.id })).frames;
  claims.atMost('live p95, a night scanned beside it', quantile(beside, 0.95), SLO_MS, 'ms');
  claims.atLeast('pictures a second scanned meanwhile', ((framesAfter - framesBefore) * 1000) / BESIDE_MS, 1, '/s');
  return { cameraId: camera.id, jobId: job.id };
}

async function tellCrashStory(
  application: RunningApplication,
  story: LiveStory,
  claims: ClaimTable,
  terminal: Terminal,
): Promise<RunningApplication> {
  terminal.say('3/4 the engine is killed, then the application');
  const { engine } = await application.client.call('system.status', undefined);
  if (engine.pid === null) throw new NightshiftError({ kind: 'engine-lost', message: 'There is no engine to kill.' });
  const killedAt = performance.now();
  process.kill(engine.pid, 'SIGKILL');
  await application.until((message) => message.event === 'engine.state' && message.payload.state === 'lost', 10_000);
  await application.until((message) => message.event === 'cameras.result', 60_000);
  claims.atMost('live again after a kill -9 of the engine', (performance.now() - killedAt) / 1000, 10, 's');
  const notices = (await application.client.call('notices.list', undefined)).filter(
    (notice) => notice.topic === 'engine-lost',
  );
  claims.exactly('notices about it', notices.length, 1);

  await application.until((message) => message.event === 'jobs.progress' && message.payload.framesThisRun > 0, 60_000);
  const before = await application.client.call('jobs.get', { id: story.jobId });
  const enginePid = (await application.client.call('system.status', undefined)).engine.pid;
  application.kill();
  claims.atMost('processes left behind by a kill -9 of the application', await leftBehind(enginePid), 0, '');
  const next = await RunningApplication.start(application.dataDir);
  const restartedAt = performance.now();
  await next.until((message) => message.event === 'cameras.result', 60_000);
  claims.atMost('live again after a kill -9 of the application', (performance.now() - restartedAt) / 1000, 15, 's');
  const resumed = await next.jobEnd(story.jobId, 120_000);
  claims.atLeast(
    'scan resumed at',
    100 * (resumed.resumed?.atProgress ?? 0),
    Math.floor(100 * (before.progress ?? 0) * 0.9),
    '%',
  );
  claims.exactly('items that failed', resumed.items.failed, 0);
  return next;
}

async function tellReportStory(
  application: RunningApplication,
  night: string,
  folder: string,
  claims: ClaimTable,
  terminal: Terminal,
): Promise<void> {
  terminal.say('4/4 the report, against one of a scan that nobody disturbed');
  const scope = { jobId: 'demo-night', cameraId: null, sinceMs: null, untilMs: null };
  await mkdir(join(folder, 'reports'));
  const disturbed = await application.client.call('reports.export', {
    scope,
    format: 'json',
    file: join(folder, 'reports', 'disturbed.json'),
  });
  const html = await application.client.call('reports.export', {
    scope,
    format: 'html',
    file: join(folder, 'reports', 'night.html'),
  });
  await application.stop();
  const quiet = await RunningApplication.start(join(folder, 'quiet'));
  try {
    await quiet.client.call('jobs.create', nightSpec(night));
    await quiet.jobEnd('demo-night', 120_000);
    const undisturbed = await quiet.client.call('reports.export', {
      scope,
      format: 'json',
      file: join(folder, 'reports', 'quiet.json'),
    });
    const same = (await readFile(disturbed.file)).equals(await readFile(undisturbed.file));
    claims.exactly('byte-equal to an undisturbed scan’s report', same ? 'yes' : 'no', 'yes');
    claims.atLeast('rows in the report', disturbed.rows, 1, '');
    claims.atLeast('HTML report', html.bytes / 1024, 1, 'KiB');
  } finally {
    await quiet.stop();
  }
}

/** One application in a process of its own, driven over the same door that a second terminal uses. */
class RunningApplication {
  readonly dataDir: string;
  readonly client: OwnerClient;
  readonly #child: ChildProcess;
  readonly #listeners = new Set<(message: EventMessage) => void>();
  #undo: () => void = () => undefined;

  static async start(dataDir: string): Promise<RunningApplication> {
    const child = fork(process.argv[1] ?? '', ['serve', '--no-open', '--data', dataDir], {
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    const client = await connectOwner(dataDir, { findMs: 30_000, answerMs: 10_000 }).catch((caught: unknown) => {
      child.kill('SIGKILL');
      throw caught;
    });
    const application = new RunningApplication(dataDir, client, child);
    application.#undo = await client.subscribe(
      (message) => {
        for (const listener of [...application.#listeners]) listener(message);
      },
      () => undefined,
    );
    return application;
  }

  constructor(dataDir: string, client: OwnerClient, child: ChildProcess) {
    this.dataDir = dataDir;
    this.client = client;
    this.#child = child;
  }

  /** Rejects with what was awaited when it does not come in time. */
  until(matches: (message: EventMessage) => boolean, limitMs: number): Promise<EventMessage> {
    return new Promise((resolve, reject) => {
      const end = (): void => {
        clearTimeout(timer);
        this.#listeners.delete(listener);
      };
      const listener = (message: EventMessage): void => {
        if (!matches(message)) return;
        end();
        resolve(message);
      };
      const timer = setTimeout(() => {
        end();
        reject(
          new NightshiftError({
            kind: 'timed-out',
            message: `The demo waited ${String(limitMs / 1000)} s in vain.`,
            hint: 'Run it again with nothing else busy on this machine.',
          }),
        );
      }, limitMs);
      this.#listeners.add(listener);
    });
  }

  /** Capture to the moment a viewer hears the result, in ms, over `forMs`. */
  async resultLatencies(forMs: number): Promise<number[]> {
    const latencies: number[] = [];
    const listener = (message: EventMessage): void => {
      if (message.event === 'cameras.result') latencies.push(Date.now() - message.payload.capturedAtMs);
    };
    this.#listeners.add(listener);
    await new Promise((resolve) => setTimeout(resolve, forMs));
    this.#listeners.delete(listener);
    return latencies;
  }

  async jobEnd(id: string, limitMs: number): Promise<JobDetail> {
    const isOver = ({ state }: { readonly state: string }): boolean => state === 'done' || state === 'failed';
    // Listened first, asked then: an end in between is not missed.
    const heard = this.until(
      (message) => message.event === 'jobs.progress' && message.payload.id === id && isOver(message.payload),
      limitMs,
    );
    heard.catch(() => undefined);
    if (!isOver(await this.client.call('jobs.get', { id }))) await heard;
    return this.client.call('jobs.get', { id });
  }

  kill(): void {
    this.#undo();
    this.#child.kill('SIGKILL');
  }

  async stop(): Promise<void> {
    this.#undo();
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.kill('SIGTERM');
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), 8_000);
    await gone;
    clearTimeout(timer);
  }
}

/** 1 if the process is still there 3 s later. */
async function leftBehind(pid: number | null): Promise<number> {
  const giveUpAt = performance.now() + 3_000;
  while (pid !== null && isAlive(pid)) {
    if (performance.now() > giveUpAt) return 1;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return 0;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(q * sorted.length) - 1)] ?? Number.POSITIVE_INFINITY;
}
