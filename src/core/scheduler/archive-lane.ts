import type { Ticket } from '../../shared/engine/protocol.ts';
import { ladderIndex } from './cost-model.ts';
import { batchLadder } from '../../shared/domain/lanes.ts';
import type { WorkShape } from './work-shape.ts';

export interface JobAdmission {
  readonly jobId: string;
  readonly name: string;
  /** A number is put on the ladder: the largest size that is not larger. It never breaks a live promise. */
  readonly batch: 'auto' | number;
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
}

/** The bound of this lane is the engine's window: frames are decoded only against a credit that a run gives back. */
export interface ArchiveLane {
  /** In the order of their turns; a job that was served goes to the end (see `turnOver`). */
  readonly jobs: ArchiveJob[];
  readonly byId: Map<string, ArchiveJob>;
  waiting: number;
  /** Frames that ingest may hold decoded; when so many wait, no more will come before a run. */
  windowFrames: number;
}

export const createArchiveLane = (): ArchiveLane => ({
  jobs: [],
  byId: new Map(),
  waiting: 0,
  windowFrames: Number.POSITIVE_INFINITY,
});

export function openJob(lane: ArchiveLane, admission: JobAdmission): void {
  if (lane.byId.has(admission.jobId)) throw new Error(`job ${admission.jobId} is in the archive lane already`);
  const pinned = pinnedBatch(admission.batch);
  const job: ArchiveJob = { admission, pinned, groups: new Map(), latest: null, more: true, waiting: 0 };
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
    group = { shape, alone, frames: [], first: 0 };
    job.groups.set(key, group);
  }
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

/** Takes the group's oldest frames and ends the job's turn. */
export function takeFrames(lane: ArchiveLane, job: ArchiveJob, group: FrameGroup, count: number): number[] {
  const admitted = group.frames.slice(group.first, group.first + count).map(({ admittedMonoMs }) => admittedMonoMs);
  group.first += count;
  job.waiting -= count;
  lane.waiting -= count;
  if (groupSize(group) === 0) job.groups.delete(groupKey(group));
  else if (group.first >= 256) {
    group.frames = group.frames.slice(group.first);
    group.first = 0;
  }
  turnOver(lane, job);
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

/** Plain round robin. A weighted one keeps a deficit a job here and in the order of `jobs`; nothing else knows turns. */
function turnOver(lane: ArchiveLane, job: ArchiveJob): void {
  lane.jobs.splice(lane.jobs.indexOf(job), 1);
  lane.jobs.push(job);
}
