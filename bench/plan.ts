import { defaultModelId } from '../src/app/models/model-service.ts';
import type { RunKind } from './options.ts';
import { noiseLimit } from './statistics/clean-rounds.ts';

/** How long cells take and how many rounds there are, by kind of run. All times in ms. */
export interface Plan {
  /** Clean rounds of the live figures, and of all others. */
  readonly liveRounds: number;
  readonly rounds: number;
  /** Counted stretch of a gated live cell, of the others, and what comes before it. */
  readonly liveMs: number;
  readonly otherLiveMs: number;
  readonly settleMs: number;
  /** Live frames that all rounds together have beside an archive, and without; a p99 needs them. */
  readonly tailFrames: number;
  readonly archiveMs: number;
  readonly archiveSettleMs: number;
  /** Of a bare loop at one size. */
  readonly bareMs: number;
  readonly idleMs: number;
  readonly tickets: number;
  readonly storeCommits: number;
  /** All four demo clips, or the three of the night, or one. */
  readonly clips: 'all' | 'night' | 'one';
  /** Of the clip in which little moves. */
  readonly quietFrames: number;
  readonly modelId: string;
  /** A probe above this times the run's best spoils a cell. */
  readonly noiseLimit: number;
  /** p99, bursts, pinned batches: what needs more frames than a quick run has. */
  readonly whole: boolean;
}

export const plans: Readonly<Record<RunKind, Plan>> = {
  quick: {
    liveRounds: 5,
    rounds: 5,
    liveMs: 4_000,
    otherLiveMs: 1_000,
    settleMs: 800,
    tailFrames: 0,
    archiveMs: 1_500,
    archiveSettleMs: 300,
    bareMs: 250,
    idleMs: 1_000,
    tickets: 200_000,
    storeCommits: 15,
    clips: 'night',
    quietFrames: 120,
    modelId: defaultModelId,
    noiseLimit,
    whole: false,
  },
  full: {
    liveRounds: 12,
    rounds: 7,
    liveMs: 6_000,
    otherLiveMs: 4_000,
    settleMs: 2_000,
    // Some more than the p99 asks for: each round's stretch begins and ends between two frames.
    tailFrames: 2_100,
    archiveMs: 4_000,
    archiveSettleMs: 500,
    bareMs: 500,
    idleMs: 4_000,
    tickets: 1_000_000,
    storeCommits: 40,
    clips: 'all',
    quietFrames: 500,
    modelId: defaultModelId,
    noiseLimit,
    whole: true,
  },
  smoke: {
    liveRounds: 1,
    rounds: 1,
    liveMs: 300,
    otherLiveMs: 200,
    settleMs: 100,
    tailFrames: 0,
    archiveMs: 200,
    archiveSettleMs: 100,
    bareMs: 20,
    idleMs: 200,
    tickets: 20_000,
    storeCommits: 2,
    clips: 'one',
    quietFrames: 50,
    // So small that everything else is what takes the time.
    modelId: 'tiny-colour',
    noiseLimit: Number.POSITIVE_INFINITY,
    whole: true,
  },
};
