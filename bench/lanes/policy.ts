import type { PreparedWork } from '../../src/app/models/work.ts';
import type { WorkShape } from '../../src/core/scheduler/work-shape.ts';
import type { ToEngine } from '../../src/shared/engine/protocol.ts';
import type { LaneMeter } from './lane-account.ts';

/** What a cell asks of whoever decides: these cameras live, an archive that never runs dry beside them or not. */
export interface Shift {
  readonly cameras: readonly string[];
  readonly sloMs: number;
  readonly archive: boolean;
  readonly shape: WorkShape;
  readonly meter: LaneMeter;
}

/** A way to decide who runs next on the one engine. */
export interface Policy {
  begin(shift: Shift): void;
  /** Everything that is left is settled or given back; resolves when the engine is idle. */
  end(): Promise<void>;
}

/** The key of the item that never ends, and the command that begins it. */
export const endlessItem = 'endless';
export const feedEndless = ({ shape, padding }: PreparedWork): ToEngine => ({
  type: 'feed-item',
  item: endlessItem,
  jobId: endlessItem,
  weight: 1,
  path: endlessItem,
  kind: 'video',
  fps: 1,
  startFrame: 0,
  input: shape.input,
  multipleOf: 0,
  padding,
  motionGate: false,
});
