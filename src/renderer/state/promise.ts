import type { Camera, CameraStatus } from '../../shared/domain/camera.ts';

/** The live camera that is nearest to its promise (or furthest past it). */
export interface WorstCamera {
  readonly camera: Camera;
  readonly p95Ms: number;
  readonly sloMs: number;
}

export function worstCamera(
  cameras: readonly Camera[],
  statusOf: (cameraId: string) => CameraStatus | null,
): WorstCamera | null {
  let worst: WorstCamera | null = null;
  for (const camera of cameras) {
    const status = statusOf(camera.id);
    if (status?.state !== 'live' || status.latencyMs === null) continue;
    const candidate = { camera, p95Ms: status.latencyMs.p95, sloMs: status.sloMs };
    if (worst === null || candidate.p95Ms / candidate.sloMs > worst.p95Ms / worst.sloMs) worst = candidate;
  }
  return worst;
}

export const droppedFrames = (status: CameraStatus): number =>
  Object.values(status.dropped).reduce((sum, count) => sum + count, 0);
