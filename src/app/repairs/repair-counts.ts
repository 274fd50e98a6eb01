import { shedCounts, type CameraRepair } from '../../shared/domain/repair.ts';
import type { StoreClient, StoredRepairCount } from '../../store/operations.ts';

/** A night and the day around it: what is older is a matter of reports, unless it is still to be done. */
const shownMs = 86_400_000;

/** What became of the cameras' shed frames lately; cameras without any are left out. */
export async function readRepairs(
  store: StoreClient,
  cameraIds: readonly string[],
  nowMs: number,
): Promise<ReadonlyMap<string, CameraRepair>> {
  const rows = await store.call('repairs.counts', { cameraIds, sinceMs: nowMs - shownMs });
  const byCamera = new Map<string, StoredRepairCount[]>();
  for (const row of rows) byCamera.set(row.cameraId, [...(byCamera.get(row.cameraId) ?? []), row]);
  return new Map(
    [...byCamera].map(([cameraId, counted]) => [
      cameraId,
      {
        ...shedCounts(counted),
        cameraId,
        fromMs: Math.min(...counted.map(({ fromMs }) => fromMs)),
        toMs: Math.max(...counted.map(({ toMs }) => toMs)),
      },
    ]),
  );
}
