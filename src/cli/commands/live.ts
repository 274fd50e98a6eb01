import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import type { Camera, CameraStatus, DropCounts, LatencyMs } from '../../shared/domain/camera.ts';
import { cameraSettingsSchema } from '../../shared/domain/camera.ts';
import type { JobDetail } from '../../shared/domain/job.ts';
import type { RecordingMode } from '../../shared/domain/recording.ts';
import { decoderText } from '../../shared/domain/decoding.ts';
import { shedText, type ShedCounts } from '../../shared/domain/repair.ts';
import { shownCameraUrl } from '../../app/cameras/camera-url.ts';
import { redactAddresses } from '../../shared/redact-addresses.ts';
import { exitCode, type ExitCode } from '../exit-code.ts';
import { call, type Session } from '../session.ts';
import { followJob, jobExitCode, scanReport, specOf, type ScanReport } from './scan.ts';
import type { Terminal } from '../terminal.ts';

export interface LiveOptions {
  readonly seconds?: number;
  readonly slo: number;
  readonly fps: number;
  readonly scan?: string;
  readonly model: string;
  readonly tier: 'fast' | 'normal' | 'accurate';
  readonly batch: string;
  readonly motionGate: boolean;
  readonly allowLoopback: boolean;
  /** Left out: as the camera has it, and nothing is written. */
  readonly record?: RecordingMode;
}

interface LiveReport {
  readonly cameras: readonly {
    readonly url: string;
    readonly captured: number;
    readonly analysed: number;
    /** Of the analysed: frames in which nothing had changed, so that they were not run. */
    readonly inherited: number;
    readonly dropped: DropCounts;
    readonly latencyMs: LatencyMs | null;
    readonly sloMet: boolean;
    readonly freshnessMs: number | null;
    /** What decoded it at last, e.g. "decoded by VAAPI"; null: it was never open. */
    readonly decoder: string | null;
    /** With `--record`: what became of the frames of the last day that were not analysed live. */
    readonly repair?: ShedCounts;
  }[];
  readonly archive?: ScanReport;
}

/** The clock of `--seconds` starts with the first picture, but not later than this: a camera may never deliver one. */
const FIRST_FRAME_LIMIT_MS = 10_000;
/** The longest name of a camera. */
const NAME_LENGTH = 60;

/** Analyses live sources for a while. Their cameras stay in the list, switched off, so that reports can name them. */
export async function live(
  session: Session,
  terminal: Terminal,
  urls: readonly string[],
  options: LiveOptions,
): Promise<ExitCode> {
  const cameras: Camera[] = [];
  for (const url of urls) cameras.push(await addCamera(session, url, options));
  const statuses = new Map<string, CameraStatus>();
  let heard: () => void = () => undefined;
  const undo = session.subscribe((message) => {
    if (message.event !== 'cameras.status') return;
    for (const status of message.payload) {
      tellWhyAway(terminal, cameras, statuses.get(status.cameraId), status);
      statuses.set(status.cameraId, status);
    }
    terminal.status(statusLine(cameras, statuses));
    heard();
  });
  try {
    const interrupted = interruption();
    const scan = options.scan === undefined ? null : await startScan(session, terminal, options.scan, options);
    // A scan that cannot go on must be heard at once, not after the cameras' time is up.
    scan?.ended.then((job) => {
      if (job.state === 'failed') interrupted.interrupt();
    }, interrupted.interrupt);
    await Promise.race([firstFrame(cameras, statuses, (listener) => (heard = listener)), interrupted.promise]);
    const over = options.seconds === undefined ? new Promise<void>(() => undefined) : delay(options.seconds * 1000);
    await Promise.race([over, interrupted.promise]);
    interrupted.undo();
    await Promise.all(cameras.map(({ id }) => call(session, 'cameras.update', { id, settings: { enabled: false } })));
    const { statuses: last } = await call(session, 'app.overview', undefined);
    const archive = scan === null ? null : await endScan(session, scan);
    const repairs = options.record === undefined ? null : await call(session, 'recordings.status', undefined);
    const report: LiveReport = {
      cameras: cameras.map((camera, index) =>
        cameraReport(
          urls[index] ?? camera.url,
          last.find((status) => status.cameraId === camera.id),
          repairs?.cameras.find(({ cameraId }) => cameraId === camera.id)?.repair,
        ),
      ),
      ...(archive === null ? {} : { archive: scanReport(archive) }),
    };
    terminal.result(report, () => describe(report));
    const heldUp = archive?.state === 'paused' && archive.reason !== null;
    if (archive?.state === 'failed' || heldUp)
      terminal.say(`${archive.name} stopped: ${archive.reason ?? 'for no known reason'}`);
    if (report.cameras.some((camera) => camera.captured === 0)) return exitCode.failed;
    // Paused because the cameras' time was up is as agreed.
    return archive === null || (archive.state === 'paused' && !heldUp) ? exitCode.done : jobExitCode(archive);
  } finally {
    undo();
  }
}

async function addCamera(session: Session, url: string, options: LiveOptions): Promise<Camera> {
  const settings = cameraSettingsSchema.parse({
    name: nameOf(url),
    url,
    analysisFps: options.fps,
    sloMs: options.slo,
    modelId: options.model,
    tier: options.tier,
    motionGate: options.motionGate,
    allowLoopback: options.allowLoopback,
    ...(options.record === undefined ? {} : { recording: options.record }),
  });
  const { cameras } = await call(session, 'app.overview', undefined);
  // The same source again is the same camera: its results go on under one name. A camera that an operator gave this name
  // is another one unless it looks at the same address.
  const known = cameras.find((camera) => camera.name === settings.name && isSameAddress(camera.url, url));
  if (known === undefined) return call(session, 'cameras.add', settings);
  // What nobody was asked for here stays as an operator set it: above all whether it is recorded.
  const { recording: _mode, keepDays: _days, repair: _repair, largeUrl: _large, ...others } = settings;
  const { group: _group, weight: _weight, transport: _way, hardwareDecode: _decode, ...asked } = others;
  const recording = options.record === undefined ? {} : { recording: options.record };
  return call(session, 'cameras.update', { id: known.id, settings: { ...asked, ...recording } });
}

/** Cameras are listed without credentials, files by their absolute URL. */
const isSameAddress = (listed: string, given: string): boolean => listed === shownCameraUrl(given, process.cwd());

function firstFrame(
  cameras: readonly Camera[],
  statuses: ReadonlyMap<string, CameraStatus>,
  listen: (listener: () => void) => void,
): Promise<void> {
  return new Promise((resolveFirst) => {
    const timer = setTimeout(resolveFirst, FIRST_FRAME_LIMIT_MS);
    const check = (): void => {
      if (!cameras.some((camera) => (statuses.get(camera.id)?.captured ?? 0) > 0)) return;
      clearTimeout(timer);
      resolveFirst();
    };
    listen(check);
    check();
  });
}

async function startScan(
  session: Session,
  terminal: Terminal,
  path: string,
  options: LiveOptions,
): ReturnType<typeof followJob> {
  const spec = await specOf([path], {
    model: options.model,
    tier: options.tier,
    batch: options.batch,
    fps: options.fps,
    keyframes: false,
    list: [],
    recursive: true,
    include: [],
    exclude: [],
    motionGate: options.motionGate,
    weight: 1,
  });
  return followJob(session, terminal, spec);
}

/** A scan that outlasts the cameras is paused: run again it goes on. */
async function endScan(session: Session, scan: { jobId: string; ended: Promise<JobDetail> }): Promise<JobDetail> {
  // Refused where it has ended already, and then there is nothing to pause.
  await session.request('jobs.pause', { id: scan.jobId });
  return scan.ended;
}

function cameraReport(
  url: string,
  status: CameraStatus | undefined,
  repair: ShedCounts | undefined,
): LiveReport['cameras'][number] {
  return {
    url: redactAddresses(url),
    captured: status?.captured ?? 0,
    analysed: status?.analysed ?? 0,
    inherited: status?.inherited ?? 0,
    dropped: status?.dropped ?? {},
    latencyMs: status?.latencyMs ?? null,
    sloMet: status?.sloMet ?? false,
    freshnessMs: status?.freshnessMs ?? null,
    decoder: status?.decoder == null ? null : decoderText(status.decoder),
    ...(repair === undefined ? {} : { repair }),
  };
}

/** Each new reason once: which camera, what happened, what happens next by itself. */
function tellWhyAway(
  terminal: Terminal,
  cameras: readonly Camera[],
  before: CameraStatus | undefined,
  now: CameraStatus,
): void {
  if (now.offline === null || now.offline.reason === before?.offline?.reason) return;
  const url = cameras.find((camera) => camera.id === now.cameraId)?.url ?? now.cameraId;
  terminal.say(`${url}: offline: ${now.offline.reason} It is tried again by itself.`);
}

function statusLine(cameras: readonly Camera[], statuses: ReadonlyMap<string, CameraStatus>): string {
  const live = cameras.filter((camera) => statuses.get(camera.id)?.state === 'live').length;
  const worst = Math.max(0, ...cameras.map((camera) => statuses.get(camera.id)?.latencyMs?.p95 ?? 0));
  const captured = cameras.reduce((sum, camera) => sum + (statuses.get(camera.id)?.captured ?? 0), 0);
  return `${String(live)}/${String(cameras.length)} live · worst p95 ${worst.toFixed(0)} of ${String(cameras[0]?.sloMs ?? 0)} ms · ${String(captured)} frames`;
}

function describe(report: LiveReport): readonly string[] {
  const lines = report.cameras.map(({ url, captured, analysed, inherited, dropped, latencyMs, sloMet, decoder }) => {
    const drops = Object.entries(dropped).map(([reason, count]) => `${String(count)} ${reason}`);
    const p95 = latencyMs === null ? 'no result' : `p95 ${latencyMs.p95.toFixed(1)} ms`;
    return `${url}: ${String(captured)} captured, ${String(analysed)} analysed${inherited > 0 ? ` (${String(inherited)} unchanged)` : ''}, dropped ${drops.join(', ') || 'none'}; ${p95}; SLO ${sloMet ? 'met' : 'missed'}${decoder === null ? '' : `; ${decoder}`}`;
  });
  const left = report.cameras.reduce((sum, { repair }) => sum + (repair?.left ?? 0), 0);
  const shed = report.cameras.flatMap(({ url, repair }) =>
    repair === undefined || repair.shed === 0 ? [] : [`${url}: ${shedText(repair)}`],
  );
  const next = left === 0 ? [] : ['Repaired when Nightshift runs with its cameras, or by `nightshift repair`.'];
  return [...lines, ...shed, ...next];
}

/** The address without its credentials. Where that leaves out what tells two sources apart, a mark takes its place. */
function nameOf(url: string): string {
  const shown = /^file:/.test(url) ? resolve(url.replace(/^file:(\/\/)?/, '')) : redactAddresses(url).replace('…@', '');
  if (shown.length <= NAME_LENGTH && !shown.includes('…')) return shown;
  // Without the login, or the name would tell whoever guesses a password whether it is the right one.
  const told = url.replace(/^([a-z]+:\/\/)[^/?#]*@/i, '$1');
  const mark = createHash('sha256').update(told).digest('hex').slice(0, 6);
  return `${shown.slice(mark.length + 1 - NAME_LENGTH)} ${mark}`;
}

const delay = (ms: number): Promise<void> => new Promise((resolveDelay) => setTimeout(resolveDelay, ms));

function interruption(): { promise: Promise<void>; interrupt: () => void; undo: () => void } {
  let interrupt: () => void = () => undefined;
  const promise = new Promise<void>((resolveInterrupt) => {
    interrupt = resolveInterrupt;
  });
  process.once('SIGINT', interrupt);
  process.once('SIGTERM', interrupt);
  return {
    promise,
    interrupt,
    undo: () => {
      process.off('SIGINT', interrupt);
      process.off('SIGTERM', interrupt);
    },
  };
}
