import type { SpaceThresholds } from '../../shared/domain/recording.ts';

const gib = 2 ** 30;

/** A tenth of the disk up to 40 GiB, at least 2 GiB. */
export const usualThresholds: SpaceThresholds = { freeShare: 0.1, plentyBytes: 40 * gib, floorBytes: 2 * gib };

export interface DiskSpace {
  readonly freeBytes: number;
  readonly totalBytes: number;
}

/** A disk smaller than the floor itself keeps half of it free. */
export function keepFreeBytes(disk: DiskSpace, { freeShare, plentyBytes, floorBytes }: SpaceThresholds): number {
  const byShare = Math.min(disk.totalBytes * freeShare, plentyBytes);
  return Math.round(Math.min(Math.max(byShare, floorBytes), disk.totalBytes / 2));
}

/**
 * With less free nothing is recorded, so that the database and the system can still write. Half of what retention keeps
 * free: old footage goes long before new footage stops.
 */
export const stopBytes = (disk: DiskSpace, thresholds: SpaceThresholds): number => keepFreeBytes(disk, thresholds) / 2;

export interface StoredFootage {
  readonly id: number;
  readonly cameraId: string;
  readonly endMs: number;
  readonly bytes: number;
}

export interface RetentionQuestion {
  /** Closed segments that are not kept, the oldest first, all cameras together. */
  readonly oldest: readonly StoredFootage[];
  readonly nowMs: number;
  /** Days by camera; null or missing: for as long as there is room. */
  readonly keepDays: ReadonlyMap<string, number | null>;
  /** Null: the disk does not say, so only days count. */
  readonly disk: DiskSpace | null;
  readonly thresholds: SpaceThresholds;
}

const dayMs = 86_400_000;

/** Which segments go: those past their days, then the oldest of all until there is room. */
export function chooseLeaving(question: RetentionQuestion): readonly StoredFootage[] {
  const { oldest, nowMs, keepDays, disk, thresholds } = question;
  const tooOld = (footage: StoredFootage): boolean => {
    const days = keepDays.get(footage.cameraId) ?? null;
    return days !== null && footage.endMs < nowMs - days * dayMs;
  };
  let missingBytes = disk === null ? 0 : keepFreeBytes(disk, thresholds) - disk.freeBytes;
  for (const footage of oldest) if (tooOld(footage)) missingBytes -= footage.bytes;
  return oldest.filter((footage) => {
    if (tooOld(footage)) return true;
    if (missingBytes <= 0) return false;
    missingBytes -= footage.bytes;
    return true;
  });
}

/** How a camera's footage grows. */
export interface FootageGrowth {
  readonly bytesPerDay: number;
  /** Until it has as many days as it keeps; null: for as long as there is room. */
  readonly growsDays: number | null;
}

/** Days until the oldest footage has to make room for new; null: nothing grows, or the cameras' days come before. */
export function daysUntilFull(
  disk: DiskSpace,
  thresholds: SpaceThresholds,
  growth: readonly FootageGrowth[],
): number | null {
  let roomBytes = Math.max(0, disk.freeBytes - keepFreeBytes(disk, thresholds));
  const growing = growth
    .filter(({ bytesPerDay }) => bytesPerDay > 0)
    .map(({ bytesPerDay, growsDays }) => ({ bytesPerDay, untilDays: Math.max(0, growsDays ?? Infinity) }))
    .sort((a, b) => a.untilDays - b.untilDays);
  let perDay = growing.reduce((sum, { bytesPerDay }) => sum + bytesPerDay, 0);
  let days = 0;
  for (const { bytesPerDay, untilDays } of growing) {
    const stepDays = untilDays - days;
    if (perDay * stepDays >= roomBytes) return days + roomBytes / perDay;
    roomBytes -= perDay * stepDays;
    perDay -= bytesPerDay;
    days = untilDays;
  }
  return null;
}
