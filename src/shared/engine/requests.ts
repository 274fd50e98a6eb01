import type { CameraLogin, CameraTransport } from '../domain/camera.ts';
import type { HardwareDecoder } from '../domain/decoding.ts';
import type { FailureKind } from '../domain/job.ts';
import type { LaneName } from '../domain/lanes.ts';
import type { InputSize, ModelManifest } from '../domain/model.ts';
import type { FoundCameras, OnvifStreams } from '../domain/onvif.ts';
import type { AddressRules } from '../network-address.ts';
import type { DecoderTrial } from './decoding.ts';
import type { ExportedRecording, RecordingPiece } from './recordings.ts';

/* What the engine is asked once and answers once. Part of `protocol.ts`. */

export type ArchiveItemKind = 'picture' | 'video';

/** What `inspect` finds out without decoding a whole file. */
export interface MediaInfo {
  readonly kind: ArchiveItemKind;
  readonly width: number;
  readonly height: number;
  readonly codec: string;
  /** Null for a picture or where the container does not say. */
  readonly durationMs: number | null;
  readonly fps: number | null;
}

/** Requests that get exactly one `reply` with the same `requestId`. */
export type EngineRequest =
  | {
      readonly type: 'load-model';
      readonly modelId: string;
      /** Absolute path of the verified .onnx file. */
      readonly file: string;
      readonly manifest: ModelManifest;
      /** Execution providers to try in order, for each lane; left out: those of `configure`. */
      readonly providers?: LaneProviders;
    }
  /** Runs the size on a blank input `runs` times and replies each duration in ms. */
  | {
      readonly type: 'warm';
      readonly modelId: string;
      readonly lane: LaneName;
      readonly input: InputSize;
      readonly batch: number;
      readonly runs: number;
    }
  | { readonly type: 'inspect'; readonly path: string }
  /** A JPEG of a file's picture or of the video frame at `timeMs`, at most `maxWidth` wide. */
  | { readonly type: 'still'; readonly path: string; readonly timeMs: number | null; readonly maxWidth: number }
  /** Opens a camera's address beside everything else, looks at it for a moment, and says what it finds. */
  | {
      readonly type: 'probe';
      /** With its login. */
      readonly url: string;
      readonly transport: CameraTransport;
      readonly reach: AddressRules;
      /** Until there is an answer, whatever it is. */
      readonly limitMs: number;
      readonly maxWidth: number;
    }
  /** Cameras at this machine, and ONVIF cameras in its networks; `target` null: all of them, by multicast. */
  | {
      readonly type: 'discover-cameras';
      readonly waitMs: number;
      readonly limitMs: number;
      readonly target: { readonly address: string; readonly port: number } | null;
    }
  /** Which streams an ONVIF camera has. The password is proved, not sent. */
  | {
      readonly type: 'onvif-streams';
      /** Of its device service. */
      readonly address: string;
      readonly login: CameraLogin | null;
      readonly reach: AddressRules;
      readonly limitMs: number;
    }
  /**
   * Decodes pictures of our own by hardware and looks at what comes out. Asked of an engine of its own: a bad driver may end or
   * hang the process that tries it.
   */
  | {
      readonly type: 'try-decoder';
      readonly hardware: HardwareDecoder;
      /** Which one; null: the one there is. */
      readonly path: string | null;
      readonly limitMs: number;
    }
  /** The preview JPEG of an analysed live frame, while the engine still has it (the last ~3 s); null when gone. */
  | { readonly type: 'snapshot'; readonly cameraId: string; readonly capturedAtMs: number }
  /** A recorded file that nobody wrote to its end: cut behind its last whole fragment; removed where it has none. */
  | { readonly type: 'mend-recording'; readonly path: string }
  /** Copies a stretch of recorded files, in order of time, into one MP4 file; whole or not at all. */
  | {
      readonly type: 'export-recording';
      readonly pieces: readonly RecordingPiece[];
      readonly fromMs: number;
      readonly toMs: number;
      readonly target: string;
    }
  /**
   * Opens the model on one provider and times blank pictures; nothing of it stays. Asked of an engine of its own: a bad
   * driver may end the process that tries it.
   */
  | {
      readonly type: 'measure-provider';
      readonly file: string;
      readonly manifest: ModelManifest;
      readonly provider: string;
      readonly input: InputSize;
      /** In ascending order; those that would take too long are left out of the answer. */
      readonly batches: readonly number[];
    };

/** What a camera's address was found to deliver. */
export interface ProbedStream {
  readonly width: number;
  readonly height: number;
  readonly codec: string;
  /** As measured, else as it says; null: one picture came, and it says nothing. */
  readonly fps: number | null;
  readonly transport: string | null;
  /** Decoding of one picture in processor time; null where it cannot be measured. */
  readonly decodeMs: number | null;
  /** Decoding all its pictures, in core-ms for every second of video; null as above. */
  readonly decodeCoreMsPerSecond: number | null;
  readonly jpeg: Uint8Array;
}

/** Which providers a model is opened on, by lane, the favourite first. */
export type LaneProviders = Readonly<Record<LaneName, readonly string[]>>;

export interface EngineReplies {
  'load-model': {
    /** What each lane's session runs on. */
    readonly providers: Readonly<Record<LaneName, string>>;
    readonly tried: readonly ProviderAttempt[];
    readonly loadMs: number;
  };
  warm: { readonly runMs: readonly number[] };
  inspect: MediaInfo;
  still: { readonly jpeg: Uint8Array };
  probe: ProbedStream;
  'discover-cameras': FoundCameras;
  'onvif-streams': OnvifStreams;
  'try-decoder': DecoderTrial;
  snapshot: { readonly jpeg: Uint8Array | null };
  /** What is left of it. */
  'mend-recording': { readonly bytes: number; readonly durationMs: number };
  'export-recording': ExportedRecording & { readonly bytes: number };
  'measure-provider': ProviderMeasurement;
}

export interface ProviderAttempt {
  readonly provider: string;
  readonly taken: boolean;
  readonly why: string;
}

/** How fast a provider is with a model, or why it does not take it. */
export type ProviderMeasurement =
  | { readonly works: false; readonly why: string }
  | {
      readonly works: true;
      /** Until the session was there, and the first run of the first size on top: what every start pays. */
      readonly openMs: number;
      readonly firstRunMs: number;
      /** Median of a few runs. */
      readonly runs: readonly { readonly batch: number; readonly runMs: number }[];
    };

/** Why a request failed, in a form the control plane can act on. */
export interface EngineFault {
  readonly kind: FailureKind | 'model-rejected' | 'internal';
  readonly message: string;
}
