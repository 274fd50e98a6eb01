import type { CameraSettings } from '../../shared/domain/camera.ts';
import type { SchedulingMode } from '../../shared/domain/lanes.ts';
import type { WorkShape } from './work-shape.ts';

export interface SchedulerOptions {
  readonly mode: SchedulingMode;
  /** Share of device time that the archive gets even when cameras would take all of it; 0 = live absolute. */
  readonly archiveFloorShare: number;
  /** Largest live batch. */
  readonly maxLiveBatch: number;
}

export interface CameraAdmission {
  readonly source: string;
  /** As operators know it; appears in the reasons of decisions. */
  readonly name: string;
  readonly sloMs: number;
  readonly weight: CameraSettings['weight'];
  readonly shape: WorkShape;
}

export interface JobAdmission {
  readonly jobId: string;
  readonly name: string;
  /** A number is put on the ladder: the largest ladder size that is not larger. */
  readonly batch: 'auto' | number;
}
