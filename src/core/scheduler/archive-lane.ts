import type { Ticket } from '../../shared/engine/protocol.ts';
import { curveOf, ladderIndex, type CostCurve, type CostModel } from './cost-model.ts';
import { batchLadder } from '../../shared/domain/lanes.ts';
import { inputText, type WorkShape } from './work-shape.ts';

export interface JobAdmission {
  readonly jobId: string;
  readonly name: string;
  /** A number is put on the ladder: the largest size that is not larger. It never breaks a live promise. */
  readonly batch: 'auto' | number;
  /** Its share of the archive's time beside other jobs, 1..10; left out: 1. */
  readonly weight?: number;
}

export interface ArchiveFrame {
  readonly shape: WorkShape;
  /** Run in a call of its own: the frame is suspected of having crashed the engine. */
  readonly alone?: boolean;
}

interface WaitingFrame {
  readonly ticket: Ticket;
  readonly admittedMonoMs: number;
}

/** Frames of one job that may share a call, in the order they came: so each item's frames stay in order. */
export interface FrameGroup {
  readonly shape: WorkShape;
  readonly alone: boolean;
  /** What its frames cost in the archive lane. */
  readonly curve: CostCurve;
  frames: WaitingFrame[];
  /** Frames before this index are taken already. */
  first: number;
}

export interface ArchiveJob {
  readonly admission: JobAdmission;
  readonly pinned: number | null;
  readonly groups: Map<string, FrameGroup>;
  /** How its newest frame is to be run: what the next ones will most likely need. */
  latest: ArchiveFrame | null;
  /** More frames are on their way: a chunk may wait a little for company. */
  more: boolean;
  waiting: number;
  /** Predicted slot time it has used, divided by its weight: the job with the least is the next. */
  usedMs: number;
}

/** The bound of this lane is the engine's window: frames are decoded only against a credit that a run gives back. */
export interface ArchiveLane {
  /** In the order in which they were opened. */
  readonly jobs: ArchiveJob[];
  readonly byId: Map<string, ArchiveJob>;
  waiting: number;
  /** Frames that ingest may hold decoded; when so many wait, no more will come before a run. */
  windowFrames: number;
  /** `usedMs` of the job served last, before it was: what a job that comes anew starts from, so that it owes and is owed nothing. */
  usedMs: number;
  /** When a chunk was last started, or frames began to wait. */
  movedMonoMs: number;
}

export const createArchiveLane = (): ArchiveLane => ({
  jobs: [],
  byId: new Map(),
  waiting: 0,
  windowFrames: Number.POSITIVE_INFINITY,
  usedMs: 0,
  movedMonoMs: Number.NEGATIVE_INFINITY,
});

export function openJob(lane: ArchiveLane, admission: JobAdmission): void {
  if (lane.byId.has(admission.jobId)) throw new Error(`job ${admission.jobId} is in the archive lane already`);
  const pinned = pinnedBatch(admission.batch);
  const { usedMs } = lane;
  const job: ArchiveJob = { admission, pinned, groups: new Map(), latest: null, more: true, waiting: 0, usedMs };
  lane.jobs.push(job);
  lane.byId.set(admission.jobId, job);
}

/** A pin as a size of the ladder: the largest that is not larger; null for `auto`. */
export const pinnedBatch = (batch: 'auto' | number): number | null =>
  batch === 'auto' ? null : (batchLadder[Math.max(0, ladderIndex(batch))] ?? 1);

/** Takes the job out; answers its waiting frames, which the engine still holds. */
export function closeJob(lane: ArchiveLane, jobId: string): Ticket[] {
  const job = lane.byId.get(jobId);
  if (job === undefined) return [];
  const frames = removeFrames(lane, job, () => true);
  lane.byId.delete(jobId);
  lane.jobs.splice(lane.jobs.indexOf(job), 1);
  return frames;
}

/** Answers false where the job is gone: the frame is to be discarded. */
export function admitFrame(
  lane: ArchiveLane,
  costs: CostModel,
  jobId: string,
  ticket: Ticket,
  frame: ArchiveFrame,
  nowMonoMs: number,
): boolean {
  const job = lane.byId.get(jobId);
  if (job === undefined) return false;
  const { shape, alone = false } = frame;
  job.latest = frame;
  const key = alone ? `alone ${shape.compatKey}` : shape.compatKey;
  let group = job.groups.get(key);
  if (group === undefined) {
    const curve = curveOf(costs, 'archive', shape.modelId, inputText(shape.input));
    group = { shape, alone, curve, frames: [], first: 0 };
    job.groups.set(key, group);
  }
  if (lane.waiting === 0) lane.movedMonoMs = nowMonoMs;
  if (job.waiting === 0) job.usedMs = Math.max(job.usedMs, lane.usedMs);
  group.frames.push({ ticket, admittedMonoMs: nowMonoMs });
  job.waiting += 1;
  lane.waiting += 1;
  return true;
}

export const groupSize = (group: FrameGroup): number => group.frames.length - group.first;

/** When the group's oldest frame came; the group must not be empty. */
export const oldestMonoMs = (group: FrameGroup): number => (group.frames[group.first] as WaitingFrame).admittedMonoMs;

export function peekFrames(group: FrameGroup, count: number): Ticket[] {
  return group.frames.slice(group.first, group.first + count).map(({ ticket }) => ticket);
}

/** Takes the group's oldest frames; the job is charged with the time that they are predicted to take. */
export function takeFrames(
  lane: ArchiveLane,
  job: ArchiveJob,
  group: FrameGroup,
  count: number,
  predictedMs: number,
  nowMonoMs: number,
): number[] {
  const admitted = group.frames.slice(group.first, group.first + count).map(({ admittedMonoMs }) => admittedMonoMs);
  group.first += count;
  job.waiting -= count;
  lane.waiting -= count;
  if (groupSize(group) === 0) job.groups.delete(groupKey(group));
  else if (group.first >= 256) {
    group.frames = group.frames.slice(group.first);
    group.first = 0;
  }
  // Weighted deficit round robin in milliseconds, kept as time used instead of time owed: wide frames do not cheat.
  lane.usedMs = Math.max(lane.usedMs, job.usedMs);
  job.usedMs += predictedMs / Math.max(1, job.admission.weight ?? 1);
  lane.movedMonoMs = nowMonoMs;
  return admitted;
}

export function removeFrames(lane: ArchiveLane, job: ArchiveJob, gone: (ticket: Ticket) => boolean): Ticket[] {
  const removed: Ticket[] = [];
  for (const [key, group] of job.groups) {
    const left = group.frames.slice(group.first).filter((frame) => {
      if (!gone(frame.ticket)) return true;
      removed.push(frame.ticket);
      return false;
    });
    group.frames = left;
    group.first = 0;
    if (left.length === 0) job.groups.delete(key);
  }
  job.waiting -= removed.length;
  lane.waiting -= removed.length;
  return removed;
}

export const groupKey = ({ shape, alone }: FrameGroup): string =>
  alone ? `alone ${shape.compatKey}` : shape.compatKey;
