import { daysUntilFull, keepFreeBytes, type DiskSpace } from '../../core/recording/retention.ts';
import type { Camera, CameraStatus } from '../../shared/domain/camera.ts';
import { shedOf, type ShedCounts } from '../../shared/domain/repair.ts';
import type { CameraRecording, RecordingStatus, SpaceThresholds } from '../../shared/domain/recording.ts';
import type { RecordedTotals } from '../../store/operations.ts';
import type { RecordingLog } from './recording-log.ts';

export interface StatusQuestion {
  readonly folder: string;
  readonly cameras: readonly Camera[];
  readonly statuses: readonly CameraStatus[];
  readonly totals: readonly RecordedTotals[];
  readonly logs: ReadonlyMap<string, RecordingLog>;
  readonly repairs: ReadonlyMap<string, ShedCounts>;
  readonly disk: DiskSpace | null;
  readonly thresholds: SpaceThresholds;
  readonly nowMs: number;
}

const dayMs = 86_400_000;
/** A rate is told once so much has been recorded. */
const measuredMs = 60_000;

export const isRecorded = ({ recording, enabled }: Camera): boolean => enabled && recording !== 'off';

/** How much there is of each camera, how fast it grows, and how long the disk lasts. */
export function recordingStatus(question: StatusQuestion): RecordingStatus {
  const { folder, disk, thresholds, nowMs } = question;
  const totals = new Map(question.totals.map((total) => [total.cameraId, total]));
  const cameras = question.cameras.map((camera) => ofCamera(camera, { ...question, total: totals.get(camera.id) }));
  const growth = cameras.map(({ bytesPerDay, keepDays, oldestMs }) => ({
    bytesPerDay: bytesPerDay ?? 0,
    growsDays: keepDays === null ? null : keepDays - (nowMs - (oldestMs ?? nowMs)) / dayMs,
  }));
  return {
    folder,
    cameras,
    disk: disk === null ? null : { ...disk, keepFreeBytes: keepFreeBytes(disk, thresholds) },
    daysLeft: disk === null ? null : daysUntilFull(disk, thresholds, growth),
  };
}

function ofCamera(
  camera: Camera,
  { total, logs, statuses, repairs, nowMs }: StatusQuestion & { readonly total: RecordedTotals | undefined },
): CameraRecording {
  const log = logs.get(camera.id);
  const status = statuses.find(({ cameraId }) => cameraId === camera.id);
  const isOn = isRecorded(camera);
  const isOpen = log?.open != null && log.behindSinceMs === null;
  const spanMs = total?.recentFromMs == null ? 0 : nowMs - total.recentFromMs;
  const reason = log?.reason ?? (isOn ? 'not-running' : 'off');
  return {
    cameraId: camera.id,
    name: camera.name,
    mode: camera.recording,
    keepDays: camera.keepDays,
    state: !isOn ? 'off' : isOpen ? 'recording' : reason === 'no-event' ? 'waiting' : 'stopped',
    reason: isOpen ? null : reason,
    smallBecause: isOn ? (status?.large?.reason ?? null) : null,
    bytes: total?.bytes ?? 0,
    keptBytes: total?.keptBytes ?? 0,
    oldestMs: total?.oldestMs ?? null,
    newestMs: isOpen ? nowMs : (total?.newestMs ?? null),
    bytesPerDay: isOn && total !== undefined && spanMs >= measuredMs ? (total.recentBytes / spanMs) * dayMs : null,
    packetsLeftOut: log?.leftOut ?? 0,
    repair: shedOf(repairs.get(camera.id)),
  };
}
