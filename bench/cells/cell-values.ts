import type { LaneAccount, CallMs } from '../lanes/lane-account.ts';
import type { ScriptAnswer } from '../baselines/script-settings.ts';
import type { ScanAnswer } from '../product/messages.ts';
import type { StoreSample } from './store-cell.ts';

/** What each cell measures in one round. */
export interface CellValues {
  /** One bare call by batch size. */
  ladder: CallMs;
  alone: LaneAccount;
  strict: LaneAccount & {
    readonly dispatchP50Us: number;
    readonly dispatchP99Us: number;
    /** Of it, only the message's way from process to process. */
    readonly dispatchWireP99Us: number;
  };
  balanced: LaneAccount;
  throughput: LaneAccount;
  'pinned-2': LaneAccount;
  'pinned-4': LaneAccount;
  'pinned-8': LaneAccount;
  fifo: LaneAccount;
  'fifo-1': LaneAccount;
  'triton-like': LaneAccount;
  'two-sessions': LaneAccount;
  'bursty-alone': LaneAccount;
  'bursty-strict': LaneAccount;
  'load-80': LaneAccount & { readonly sloMs: number };
  'load-80-alone': LaneAccount & { readonly sloMs: number };
  archive: LaneAccount;
  'archive-bare': { readonly imagesPerSecond: number };
  'archive-auto': LaneAccount;
  'archive-auto-bare': { readonly imagesPerSecond: number };
  scan: ScanAnswer;
  /** With the motion gate, over footage in which little moves; and the script over the same. */
  'scan-quiet': ScanAnswer;
  'script-quiet': ScriptAnswer;
  'script-square': ScriptAnswer;
  'script-fitted': ScriptAnswer;
  /** Core-ms for one analysed frame. */
  'core-decode': { readonly coreMs: number };
  'core-inference': { readonly coreMs: number };
  'core-store': { readonly coreMs: number };
  store: StoreSample;
  tickets: { readonly one: number; readonly thousand: number };
  /** ms by query. */
  query: Readonly<Record<string, number>>;
  /** Share of a core. */
  idle: { readonly share: number };
  'idle-decode': { readonly share: number };
}

export type CellName = keyof CellValues;

/** The clean values of one round. */
export type RoundValues = { readonly [K in CellName]?: CellValues[K] };
