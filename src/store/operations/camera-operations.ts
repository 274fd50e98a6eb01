import type { HourProfile } from '../../shared/domain/camera-health.ts';
import type { Camera, CameraStretch } from '../../shared/domain/camera.ts';

/** A camera's row. `sealedLogin`: what lets one into it, encrypted by the host; left out or null: nothing does. */
export interface StoredCamera extends Omit<Camera, 'login'> {
  readonly sealedLogin?: string | null;
}

/** Cameras, when each was live, and what each usually sees. */
export interface CameraOperations {
  'cameras.list': { in: void; out: readonly StoredCamera[] };
  'cameras.save': { in: StoredCamera; out: void };
  /**
   * At a start: of cameras that earlier versions removed only the name stays. Where something was overwritten (`rewritten`: by
   * the caller before), the log of changes is emptied into the database: what rows held before is in neither then.
   */
  'cameras.forgetOld': { in: { rewritten: boolean }; out: void };
  /** Results and events of the camera stay; the camera is gone from the list. */
  'cameras.remove': { in: { id: string }; out: void };
  /** Adds stretches; one that begins where a known one does takes its place. A camera's newest 5,000 are kept. */
  'cameras.states': { in: { stretches: readonly (CameraStretch & { cameraId: string })[] }; out: void };
  /** Those that touch [fromMs, toMs), in order of time. */
  'cameras.history': { in: { cameraId: string; fromMs: number; toMs: number }; out: readonly CameraStretch[] };
  /**
   * One that is there of that hour is replaced. Those of the week from the acceptance on are kept (one that began in the
   * hour before it counts to it), and of all others the newest five weeks.
   */
  'cameras.saveProfile': { in: { cameraId: string; profile: HourProfile }; out: void };
  /** Hours that begin in [fromMs, toMs), in order of time. */
  'cameras.profiles': { in: { cameraId: string; fromMs: number; toMs: number }; out: readonly HourProfile[] };
  /** What the camera shows from then on is what is normal. */
  'cameras.accept': { in: { cameraId: string; acceptedMs: number }; out: void };
  'cameras.accepted': { in: void; out: readonly { readonly cameraId: string; readonly acceptedMs: number }[] };
}
