import type { WorkShape } from '../../core/scheduler/work-shape.ts';
import type { LaneName } from '../../shared/domain/lanes.ts';
import type { PreparedWork } from '../models/work.ts';
import type { CameraLane, ItemLane } from './frame-owners.ts';
import type { WarmUp } from './warm-up.ts';

/** In which size pictures are run: learned from the first of each size, which has it warmed. */
export class FittedShapes {
  readonly #warmUp: Pick<WarmUp, 'use'>;
  /** Sizes that are being warmed, or are warm, because pictures of theirs came. */
  readonly #inUse: Readonly<Record<LaneName, WeakSet<PreparedWork>>> = { live: new WeakSet(), archive: new WeakSet() };

  constructor(warmUp: Pick<WarmUp, 'use'>) {
    this.#warmUp = warmUp;
  }

  /** How pictures of this size are run; one that is new to the lane is warmed from now on. */
  of(
    { shape, work, refused }: Pick<CameraLane | ItemLane, 'shape' | 'work' | 'refused'>,
    lane: LaneName,
    sourceWidth: number,
    sourceHeight: number,
  ): WorkShape {
    if (work === undefined) return shape;
    const fitted = work.fitted(sourceWidth, sourceHeight);
    const inUse = this.#inUse[lane];
    if (!inUse.has(fitted)) {
      inUse.add(fitted);
      this.#warmUp.use(fitted, lane).catch((caught: unknown) => {
        inUse.delete(fitted);
        refused?.(caught);
      });
    }
    return fitted.shape;
  }
}
