import { admissionOf, type Promised } from '../../core/scheduler/admission.ts';
import type { CostModel } from '../../core/scheduler/cost-model.ts';
import { inputText } from '../../core/scheduler/work-shape.ts';
import type { LaneName } from '../../shared/domain/lanes.ts';
import { NightshiftError } from '../../shared/errors.ts';
import type { PreparedWork } from '../models/work.ts';
import type { CameraLane } from './frame-owners.ts';

/** A camera that is about to be opened, and what it promises. */
export interface OpeningCamera extends Promised {
  readonly id: string;
}

/**
 * Lets work of this shape in beside the cameras, as far as its runs are measured. Throws `bad-input` with the numbers where
 * one smallest run breaks the promise of every camera, `opening` among them. Answers words where it breaks that of `opening`
 * alone.
 */
export function admitWork(
  costs: CostModel,
  cameras: Iterable<CameraLane>,
  { model, shape }: PreparedWork,
  lane: LaneName,
  opening: OpeningCamera | null,
): string | null {
  const open: Promised[] = [...cameras].filter(
    ({ cameraId, maxWaiting }) => maxWaiting === undefined && cameraId !== opening?.id,
  );
  const admission = admissionOf(costs, shape, opening === null ? open : [...open, opening], lane);
  if (!admission.ok) {
    throw new NightshiftError({
      kind: 'bad-input',
      message: `${model.manifest.name} at ${inputText(shape.input)} would break every promise on this device: ${admission.why}.`,
      where: opening?.name ?? model.manifest.id,
      hint:
        lane === 'live'
          ? 'Choose a smaller tier or a faster model, or promise more time.'
          : 'Choose a smaller tier or a faster model, or run it while no camera is on.',
    });
  }
  const own = opening === null ? null : admissionOf(costs, shape, [opening], lane);
  return own?.ok === false ? own.why : null;
}
