import type { Camera, CameraSettings } from '../../shared/domain/camera.ts';
import type { CameraBulkChange, CamerasChanged } from '../../shared/domain/camera-changes.ts';
import { toErrorValue } from '../../shared/errors.ts';

/** One after the other, so that cameras are not all opened anew in the same moment. */
export async function changeMany(
  ids: readonly string[],
  change: (id: string) => Promise<Camera>,
): Promise<CamerasChanged> {
  const changed: Camera[] = [];
  const failed: { id: string; error: ReturnType<typeof toErrorValue> }[] = [];
  for (const id of new Set(ids)) {
    try {
      changed.push(await change(id));
    } catch (caught) {
      failed.push({ id, error: toErrorValue(caught) });
    }
  }
  return { changed, failed };
}

/** Without what is left out. */
export const settled = (change: CameraBulkChange): Partial<CameraSettings> =>
  Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
