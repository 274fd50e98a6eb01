import type { RecipeSettings } from '../../shared/domain/model.ts';
import type { PixelSize } from './live-operations.ts';
import type { CommitReceipt, SourceCommit } from './result-operations.ts';

/** Shed frames of one camera that lie in one recorded file, and how they are to be analysed. */
export interface RepairPiece {
  readonly cameraId: string;
  readonly sourceId: number;
  readonly recipeId: number;
  readonly modelId: string;
  readonly settings: RecipeSettings;
  /** Below the recordings folder, with forward slashes. */
  readonly file: string;
  /** Epoch ms of the file's first picture. */
  readonly startMs: number;
  /** Of the pictures that were analysed live, which its boxes are in; null: none was. Footage may be of a larger stream. */
  readonly pixels: PixelSize | null;
  /** Capture times in ascending order. */
  readonly frames: readonly number[];
}

/** Shed frames of one camera in one state, by whole minutes [fromMs, toMs). */
export interface StoredRepairCount {
  readonly cameraId: string;
  readonly state: 'open' | 'repaired' | 'lost';
  /** Of lost ones. */
  readonly why: string;
  readonly frames: number;
  readonly boxes: number;
  readonly fromMs: number;
  readonly toMs: number;
}

/** The ledger of frames that were shed live. */
export interface RepairOperations {
  /**
   * The oldest frames that were shed live and lie in a closed file of one of these cameras, up to `limit` of that file;
   * null: there are none. `skipFiles`: those that are being looked at, or are left alone for a while.
   */
  'repairs.next': {
    in: { cameraIds: readonly string[]; skipFiles: readonly string[]; limit: number };
    out: RepairPiece | null;
  };
  /**
   * Results of shed frames, each under its capture time, with their mark in the ledger, in one transaction; and frames that
   * cannot be repaired. What is settled already stays as it is. Ranges that were looked at join over `joinsMs`.
   */
  'repairs.commit': {
    in: {
      commits: readonly SourceCommit[];
      lost: readonly { sourceId: number; recipeId: number; frames: readonly number[]; why: string }[];
      joinsMs: number;
      atMs: number;
    };
    out: CommitReceipt & { repaired: number };
  };
  /**
   * Marks open frames as lost: those older than `waitMs` that no file holds, of cameras that are not among these, and the
   * oldest of a camera beyond `mostOpen`. Forgets settled frames from before `forgetBeforeMs`; their counts stay.
   */
  'repairs.settle': {
    in: { cameraIds: readonly string[]; nowMs: number; waitMs: number; mostOpen: number; forgetBeforeMs: number };
    out: { marked: number; givenUp: number };
  };
  /** By whole minutes from `sinceMs` on; open frames count whenever they are from. */
  'repairs.counts': {
    in: { cameraIds: readonly string[]; sinceMs: number };
    out: readonly StoredRepairCount[];
  };
}
