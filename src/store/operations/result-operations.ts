import type { Box } from '../../shared/domain/detection.ts';
import type { RecipeSettings } from '../../shared/domain/model.ts';
import type { ItemProgress } from './job-operations.ts';

/** A model and the settings it is run with: half of a result's key. The row id is stable for the pair of hashes. */
export interface Recipe {
  readonly modelId: string;
  readonly modelSha256: string;
  readonly settingsHash: string;
  readonly settings: RecipeSettings;
  /** Class index → label. */
  readonly labels: readonly string[];
}

/** Content (or a camera): the other half. `key` is `sha256:…` of the content or `camera:<id>`. */
export interface SourceIdentity {
  readonly key: string;
  readonly kind: 'picture' | 'video' | 'camera';
  readonly width: number | null;
  readonly height: number | null;
}

/** [from, to): frame numbers of an item; [from, to]: epoch ms of a camera. Sorted, disjoint, merged. */
export type FrameRange = readonly [from: number, to: number];

export interface ResultRow {
  /** Frame k of an item. A camera's frames are known by their capture time, `timeMs`, alone. */
  readonly frame: number;
  /** Position in the video, or epoch ms for a camera. */
  readonly timeMs: number;
  /** Nothing had changed in it: the detections are those of an earlier frame. Left out: it was run. */
  readonly inherited?: boolean;
  readonly detections: readonly {
    readonly classIndex: number;
    readonly score: number;
    readonly box: Box;
    readonly trackId: number | null;
  }[];
}

/**
 * Frames of one source under one recipe that were looked at, with what was found, and the cursor that covers them:
 * always one transaction. Frames already covered are ignored (exactly-once results under at-least-once execution).
 */
export interface SourceCommit {
  readonly sourceId: number;
  readonly recipeId: number;
  readonly rows: readonly ResultRow[];
  /**
   * What `rows` cover; a row outside is refused as a bug. Rows without detections leave no row, only their range. A
   * camera that goes on without a gap names the range from its last frame to this one, so that its stretches join.
   */
  readonly looked: readonly FrameRange[];
}

export interface CommitReceipt {
  /** Frames and detections that were new: a repeated commit adds none. */
  readonly newFrames: number;
  readonly newDetections: number;
}

/** What was looked at, under which recipe, and what was found. */
export interface ResultOperations {
  'recipes.ensure': { in: Recipe; out: { recipeId: number } };
  'sources.ensure': { in: SourceIdentity; out: { sourceId: number } };
  /** Archive: rows, ranges and cursors of one flush in one transaction. */
  'results.commit': { in: { commits: readonly SourceCommit[]; items: readonly ItemProgress[] }; out: CommitReceipt };
}
