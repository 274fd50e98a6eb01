import type { PlannedCamera } from '../../core/planner/capacity.ts';
import type { Camera, CameraStatus } from '../../shared/domain/camera.ts';
import type { TierName } from '../../shared/domain/model.ts';
import type { CameraKind } from './measured-paces.ts';
import { workKey } from './planned-work.ts';

/** A camera that sends pictures now. */
export interface LiveCameraFacts extends PlannedCamera {
  readonly key: string;
  readonly kind: CameraKind;
  /** Of its newest frames, capture to result. */
  readonly p95Ms: number | null;
  readonly modelId: string;
  readonly tier: TierName;
}

/** Those of the cameras that are live. */
export function liveFacts(
  cameras: readonly Camera[],
  statuses: readonly CameraStatus[],
  kind: CameraKind,
): LiveCameraFacts[] {
  const live = new Map(statuses.filter(({ state }) => state === 'live').map((one) => [one.cameraId, one]));
  return cameras.flatMap(({ id, name, analysisFps, sloMs, modelId, tier }) => {
    const status = live.get(id);
    if (status === undefined) return [];
    const key = `${id}@${String(analysisFps)}`;
    return [{ key, name, fps: analysisFps, sloMs, modelId, tier, kind, p95Ms: status.latencyMs?.p95 ?? null }];
  });
}

/** Loads of several models, or of cameras of two kinds, do not add up to one that could be compared: null. */
export function workOfAll(cameras: readonly LiveCameraFacts[]): string | null {
  const works = new Set(cameras.map(({ modelId, tier }) => workKey(modelId, tier)));
  const [work] = works;
  return works.size === 1 && work !== undefined ? work : null;
}

export function kindOf(cameras: readonly LiveCameraFacts[]): CameraKind | null {
  const kinds = new Set(cameras.map(({ kind }) => kind));
  const [kind] = kinds;
  return kinds.size === 1 && kind !== undefined ? kind : null;
}
