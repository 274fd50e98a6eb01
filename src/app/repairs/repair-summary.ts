import type { Camera } from '../../shared/domain/camera.ts';
import { jobSpecSchema, type ItemFailure, type JobSummary } from '../../shared/domain/job.ts';
import { lostFrames, notRepairableText, type CameraRepair } from '../../shared/domain/repair.ts';
import type { RunMeter } from '../jobs/run-meter.ts';
import { wallTime } from '../reports/report-times.ts';

/** No scan has such an id: a colon is not allowed there. */
const idPrefix = 'repair:';
export const repairJobId = (cameraId: string): string => `${idPrefix}${cameraId}`;
/** Null: the id is that of another kind of job. */
export const cameraOfRepair = (jobId: string): string | null =>
  jobId.startsWith(idPrefix) ? jobId.slice(idPrefix.length) : null;

export interface RepairRun {
  readonly meter: RunMeter;
  /** Frames of it are in the engine. */
  readonly isRunning: boolean;
  /** The recorded file that is being looked at. */
  readonly current: string | null;
  readonly knee: number | null;
  /** When the frames of all cameras are repaired, which are taken oldest first; null: that cannot be said. */
  readonly endsInMs: number | null;
}

/** The folder of the camera's footage stands for what is scanned. */
export function repairSummary(
  camera: Camera,
  counts: CameraRepair,
  run: RepairRun | null,
  context: { readonly folder: string; readonly waitsFor: string },
): JobSummary {
  const lost = lostFrames(counts);
  const done = counts.repaired + lost;
  const speed = run?.isRunning === true ? run.meter.imagesPerSecond : null;
  const state = counts.left === 0 ? 'done' : !camera.repair ? 'paused' : run?.isRunning === true ? 'running' : 'queued';
  const { modelId, tier, analysisFps: fps, motionGate } = camera;
  return {
    id: repairJobId(camera.id),
    name: repairName(camera.name, counts),
    state,
    spec: jobSpecSchema.parse({ paths: [context.folder], modelId, tier, fps, motionGate }),
    createdAtMs: counts.fromMs,
    startedAtMs: null,
    endedAtMs: counts.left === 0 ? counts.toMs : null,
    items: { total: counts.shed, done: counts.repaired, skipped: 0, failed: lost },
    listing: null,
    frames: counts.repaired,
    detections: counts.boxes,
    framesThisRun: run?.meter.frames ?? 0,
    inheritedThisRun: 0,
    progress: counts.shed === 0 ? null : done / counts.shed,
    imagesPerSecond: speed,
    etaMs: state === 'running' ? (run?.endsInMs ?? null) : null,
    batch: { chosen: state === 'running' ? (run?.meter.batch ?? null) : null, knee: run?.knee ?? null },
    batchFill: run?.meter.batchFill ?? null,
    current: run?.current ?? null,
    runMs: run?.meter.runMs ?? 0,
    errors: { failed: 0, timedOut: run?.meter.timedOut ?? 0, retried: run?.meter.retried ?? 0 },
    reason: reasonOf(state, context.waitsFor),
    queuePlace: null,
    resumed: null,
    repair: counts,
  };
}

/** One line a reason, as a job lists its failed files. */
export const repairFailures = ({ lost }: CameraRepair): readonly ItemFailure[] =>
  lost.map(({ why, frames }) => ({
    path: frames === 1 ? '1 frame' : `${String(frames)} frames`,
    kind: why === 'crashes-engine' || why === 'unreadable' ? why : 'missing',
    reason: notRepairableText(why),
  }));

/** `Repair of Gate, 22:14 to 06:02: 1204 frames`, on this machine's clock. */
function repairName(camera: string, { fromMs, toMs, shed }: CameraRepair): string {
  const clock = (atMs: number): string => wallTime(atMs).slice(11, 16);
  return `Repair of ${camera}, ${clock(fromMs)} to ${clock(toMs)}: ${String(shed)} ${shed === 1 ? 'frame' : 'frames'}`;
}

function reasonOf(state: JobSummary['state'], waitsFor: string): string | null {
  if (state === 'paused') return 'Repairing is switched off in the settings of the camera.';
  return state === 'queued' ? waitsFor : null;
}
