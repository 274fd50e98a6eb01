import type {
  Camera,
  CameraLogin,
  CameraSettings,
  CameraStatus,
  CameraStretch,
  SecretsProtection,
} from '../domain/camera.ts';
import type {
  CameraBulkChange,
  CameraProbe,
  CameraProbeQuestion,
  CamerasChanged,
  OnvifQuestion,
} from '../domain/camera-changes.ts';
import type { CameraHealthView } from '../domain/camera-health.ts';
import type { CameraTimeline, FoundFrames } from '../domain/camera-timeline.ts';
import type { DecodeMode, DecoderState } from '../domain/decoding.ts';
import type { ItemFailure, JobDetail, JobSpec, JobSummary } from '../domain/job.ts';
import type { CameraImport, CameraImportRequest } from '../domain/camera-import.ts';
import type { FoundCameras, OnvifStreams } from '../domain/onvif.ts';
import type { LaneSettings, LanesSnapshot } from '../domain/lanes.ts';
import type { LoadTestReport, LoadTestSpec } from '../domain/load-test.ts';
import type { ModelSummary } from '../domain/model.ts';
import type {
  Advice,
  AdviceQuestion,
  BatchAnswer,
  BatchQuestion,
  CapacityAnswer,
  CapacityQuestion,
  Finding,
  Tariff,
} from '../domain/plan.ts';
import type { ReportFormat, ReportPreview, ReportRecord, ReportScope } from '../domain/report.ts';
import type { PlaybackControl } from '../domain/playback.ts';
import type { RecordingCoverage, RecordingExport, RecordingStatus } from '../domain/recording.ts';
import type { ReviewEntry } from '../domain/review.ts';
import type { ScheduleRun, ScheduleSettings, ScheduleView } from '../domain/schedule.ts';
import type { EngineState, Notice, SystemStatus } from '../domain/system.ts';
import type { Timeline } from '../domain/timeline.ts';
import type { Wall, WallChange } from '../domain/wall.ts';
import type { TierName } from '../domain/model.ts';
import type { Result } from '../errors.ts';

export interface ReviewFilter {
  readonly kind: 'all' | 'event' | 'detection';
  readonly cameraIds: readonly string[];
  readonly jobIds: readonly string[];
  readonly labels: readonly string[];
  readonly minScore: number;
  /** Epoch ms of cameras' events; archive detections are not limited by it. */
  readonly sinceMs: number | null;
  readonly untilMs: number | null;
  readonly reviewed: 'any' | 'yes' | 'no';
}

/** [fromMs, toMs) of one camera, epoch ms. */
export interface RecordingRange {
  readonly cameraId: string;
  readonly fromMs: number;
  readonly toMs: number;
}

export interface ReviewPage {
  readonly total: number;
  readonly entries: readonly ReviewEntry[];
  /** Labels with counts under the filter without its own label part: what can be chosen next. */
  readonly labels: readonly { readonly label: string; readonly count: number }[];
}

export interface Overview {
  readonly cameras: readonly Camera[];
  readonly statuses: readonly CameraStatus[];
  readonly jobs: readonly JobSummary[];
  readonly models: readonly ModelSummary[];
  readonly notices: readonly Notice[];
  readonly lanes: LanesSnapshot;
  readonly system: SystemStatus;
  /** The footage that ships with the application; null in a build without it. */
  readonly demo: { readonly cameraUrl: string; readonly nightPath: string } | null;
  readonly tariff: Tariff;
  /** How cameras' passwords are kept that are given from now on. */
  readonly loginProtection: SecretsProtection;
}

export interface BrowseEntry {
  readonly name: string;
  readonly path: string;
  readonly kind: 'folder' | 'picture' | 'video' | 'other';
  readonly size: number;
}

export interface JobEstimate {
  readonly pictures: number;
  readonly videos: number;
  readonly bytes: number;
  /** Beside the scans that run and wait now. Null where nothing was measured yet, or one it waits for cannot be foreseen. */
  readonly expectedMs: number | null;
  /** Scans that it shares the archive with, or waits for. */
  readonly besideJobs: number;
  /** Counting stopped at a limit: there are more. */
  readonly more: boolean;
}

/** Every call a renderer, a second command line or a test may make. The rest is derived from this map. */
export interface Calls {
  'app.overview': { in: void; out: Overview };
  /** `login` counts more than what stands in the URL. Answers `needs-consent` where `allowLoopback` has to be agreed to. */
  'cameras.add': { in: CameraSettings & { readonly login?: CameraLogin | null | undefined }; out: Camera };
  'cameras.update': { in: { id: string; settings: Partial<CameraSettings> }; out: Camera };
  /** One after the other; those that cannot be changed are told, the others are. */
  'cameras.updateMany': { in: { ids: readonly string[]; settings: CameraBulkChange }; out: CamerasChanged };
  /** Null: they want none any more. */
  'cameras.setPassword': { in: { ids: readonly string[]; login: CameraLogin | null }; out: CamerasChanged };
  /** What a camera's address delivers, or an error in words, within 8 s. Nothing is stored. */
  'cameras.probe': { in: CameraProbeQuestion; out: CameraProbe };
  /** Many cameras out of a list; a preview with what is wrong with each row, or the cameras themselves. */
  'cameras.import': { in: CameraImportRequest; out: CameraImport };
  /** The cameras at this machine, and the ONVIF cameras in its networks that answer within so long. */
  'cameras.discover': { in: { waitMs: number }; out: FoundCameras };
  /** The streams of a discovered camera, or of one whose ONVIF address is known. */
  'cameras.onvifStreams': { in: OnvifQuestion; out: OnvifStreams };
  'cameras.remove': { in: { id: string }; out: void };
  /** When it was live, frozen or offline, in order of time; the stretch that goes on ends now. */
  'cameras.history': { in: { cameraId: string; fromMs: number; toMs: number }; out: readonly CameraStretch[] };
  /** What cameras saw, recorded and missed between two moments, in at most `buckets` buckets. */
  'cameras.timeline': {
    in: { cameraIds: readonly string[]; fromMs: number; toMs: number; buckets: number };
    out: CameraTimeline;
  };
  'cameras.health': { in: { cameraId: string }; out: CameraHealthView };
  /** What it shows from now on is normal, and is learnt anew for a week. */
  'cameras.acceptNormal': { in: { cameraId: string }; out: CameraHealthView };
  'jobs.create': { in: JobSpec; out: JobSummary };
  'jobs.estimate': { in: JobSpec; out: JobEstimate };
  'jobs.get': { in: { id: string }; out: JobDetail };
  'jobs.pause': { in: { id: string }; out: JobSummary };
  'jobs.resume': { in: { id: string }; out: JobSummary };
  'jobs.cancel': { in: { id: string }; out: JobSummary };
  'jobs.retryFailed': { in: { id: string }; out: JobSummary };
  'jobs.failures': {
    in: { id: string; offset: number; limit: number };
    out: { total: number; failures: readonly ItemFailure[] };
  };
  /** Oldest first. */
  'schedules.list': { in: void; out: readonly ScheduleView[] };
  'schedules.create': { in: ScheduleSettings; out: ScheduleView };
  'schedules.update': { in: { id: string; settings: Partial<ScheduleSettings> }; out: ScheduleView };
  /** A scan that it started goes on. */
  'schedules.remove': { in: { id: string }; out: void };
  /** Whatever the hour. `conflict` where its scan runs already. */
  'schedules.runNow': { in: { id: string }; out: JobSummary };
  /** Newest first. */
  'schedules.history': { in: { id: string; limit: number }; out: readonly ScheduleRun[] };
  'review.list': { in: { filter: ReviewFilter; offset: number; limit: number }; out: ReviewPage };
  'review.mark': { in: { eventIds: readonly number[]; reviewed: boolean }; out: void };
  'reports.preview': { in: ReportScope; out: ReportPreview };
  /** `file` null: into the user's reports folder under a name made from the scope. */
  'reports.export': { in: { scope: ReportScope; format: ReportFormat; file: string | null }; out: ReportRecord };
  'reports.list': { in: void; out: readonly ReportRecord[] };
  /** Segments and gaps with their reasons; nothing is said of what is still to come. */
  'recordings.coverage': { in: RecordingRange; out: RecordingCoverage };
  /** Pictures come over the media path under the session's id as that of a camera; ends when nobody watches them. */
  'playback.open': { in: { cameraId: string; atMs: number; paused: boolean }; out: { sessionId: string } };
  'playback.control': { in: PlaybackControl; out: void };
  'playback.close': { in: { sessionId: string }; out: void };
  /** What was found in the frames of a stretch, to be drawn over its footage. */
  'playback.found': { in: RecordingRange; out: FoundFrames };
  'recordings.status': { in: void; out: RecordingStatus };
  /** Kept footage is never deleted by retention; `unkeep` takes that back, also for a part of a stretch. */
  'recordings.keep': { in: RecordingRange; out: void };
  'recordings.unkeep': { in: RecordingRange; out: void };
  /** Into one MP4 file, cut at keyframes. `file` null: into the reports folder under a name made from camera and time. */
  'recordings.export': { in: RecordingRange & { file: string | null }; out: RecordingExport };
  /**
   * Whoever owns the data folder looks after its footage and repairs from now on, until it ends; also a scan that opens no
   * cameras of its own.
   */
  'repairs.start': { in: void; out: void };
  'models.list': { in: void; out: readonly ModelSummary[] };
  'system.status': { in: void; out: SystemStatus };
  /** Tries every execution provider of this platform with the default model, and keeps what was found: half a minute where there are several. */
  'system.tryProviders': { in: void; out: EngineState['providersTried'] };
  /** Tries every hardware decoder of this system, and keeps what was found: a few seconds each. Cameras are opened anew where that changes. */
  'system.tryDecoders': { in: void; out: DecoderState };
  /** For all cameras, which are opened anew. */
  'system.setHardwareDecode': { in: { mode: DecodeMode }; out: DecoderState };
  /** Live findings about the five classic mistakes; those that are well are told too. */
  'system.selfCheck': { in: void; out: readonly Finding[] };
  'lanes.configure': { in: Partial<LaneSettings>; out: LaneSettings };
  /** What the device did; `buckets` stretches, and single runs if there are at most `maxRuns`. */
  'lanes.timeline': { in: { fromMs: number; toMs: number; buckets: number; maxRuns: number }; out: Timeline };
  /** Starts to measure the whole ladder; it goes on in the background and gives way to cameras. */
  'lanes.calibrate': { in: { modelId: string; tier: TierName }; out: void };
  'lanes.stopCalibration': { in: void; out: void };
  'plan.capacity': { in: CapacityQuestion; out: CapacityAnswer };
  'plan.batch': { in: BatchQuestion; out: BatchAnswer };
  'plan.advise': { in: AdviceQuestion; out: Advice };
  'plan.setTariff': { in: Tariff; out: Tariff };
  'loadTest.start': { in: LoadTestSpec; out: LoadTestReport };
  'loadTest.stop': { in: void; out: LoadTestReport | null };
  /** The one that runs, else the newest that ended; null: there was none. */
  'loadTest.latest': { in: void; out: LoadTestReport | null };
  'wall.get': { in: void; out: Wall };
  'wall.save': { in: WallChange; out: Wall };
  'notices.list': { in: void; out: readonly Notice[] };
  'notices.dismiss': { in: { id: number }; out: void };
  /** Lists a folder of this machine; `path` null: the user's home. */
  'files.browse': {
    in: { path: string | null };
    out: { path: string; parent: string | null; entries: readonly BrowseEntry[] };
  };
  /** The system's own dialog where there is one (`available: false` in the browser). */
  'files.choose': {
    in: { kind: 'folder' | 'files' | 'save'; suggestedName?: string | undefined };
    out: { available: boolean; paths: readonly string[] };
  };
}

export type CallName = keyof Calls;
export type CallInput<K extends CallName> = Calls[K]['in'];
export type CallOutput<K extends CallName> = Calls[K]['out'];

/** Run-time list for the bridge and the gateway; a missing name does not compile. */
const calls: { readonly [K in CallName]: true } = {
  'app.overview': true,
  'cameras.add': true,
  'cameras.update': true,
  'cameras.updateMany': true,
  'cameras.setPassword': true,
  'cameras.probe': true,
  'cameras.import': true,
  'cameras.discover': true,
  'cameras.onvifStreams': true,
  'cameras.remove': true,
  'cameras.history': true,
  'cameras.timeline': true,
  'cameras.health': true,
  'cameras.acceptNormal': true,
  'jobs.create': true,
  'jobs.estimate': true,
  'jobs.get': true,
  'jobs.pause': true,
  'jobs.resume': true,
  'jobs.cancel': true,
  'jobs.retryFailed': true,
  'jobs.failures': true,
  'schedules.list': true,
  'schedules.create': true,
  'schedules.update': true,
  'schedules.remove': true,
  'schedules.runNow': true,
  'schedules.history': true,
  'review.list': true,
  'review.mark': true,
  'reports.preview': true,
  'reports.export': true,
  'reports.list': true,
  'recordings.coverage': true,
  'playback.open': true,
  'playback.control': true,
  'playback.close': true,
  'playback.found': true,
  'recordings.status': true,
  'recordings.keep': true,
  'recordings.unkeep': true,
  'recordings.export': true,
  'repairs.start': true,
  'models.list': true,
  'system.status': true,
  'system.tryProviders': true,
  'system.tryDecoders': true,
  'system.setHardwareDecode': true,
  'system.selfCheck': true,
  'lanes.configure': true,
  'lanes.timeline': true,
  'lanes.calibrate': true,
  'lanes.stopCalibration': true,
  'plan.capacity': true,
  'plan.batch': true,
  'plan.advise': true,
  'plan.setTariff': true,
  'loadTest.start': true,
  'loadTest.stop': true,
  'loadTest.latest': true,
  'wall.get': true,
  'wall.save': true,
  'notices.list': true,
  'notices.dismiss': true,
  'files.browse': true,
  'files.choose': true,
};
export const callNames = Object.keys(calls) as readonly CallName[];
export const isCallName = (name: string): name is CallName => Object.hasOwn(calls, name);

/** Throws a `bad-input` NightshiftError that names the call and the field. */
export type Parsers = { readonly [K in CallName]: (raw: unknown) => CallInput<K> };
export type Handlers = { readonly [K in CallName]: (input: CallInput<K>) => Promise<CallOutput<K>> };
export type Bridge = { readonly [K in CallName]: (input: CallInput<K>) => Promise<Result<CallOutput<K>>> };
