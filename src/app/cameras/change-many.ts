import type { Camera, CameraSettings } from '../../shared/domain/camera.ts';
import type { CameraBulkChange, CamerasChanged } from '../../shared/domain/camera-changes.ts';
import { NightshiftError, toErrorValue } from '../../shared/errors.ts';
import { streamsByForm } from './sibling-stream.ts';

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
export const settled = ({ streams: _streams, ...change }: CameraBulkChange): Partial<CameraSettings> =>
  Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));

/**
 * The addresses after such a change. @param url of the stream that is analysed, whole
 * @throws NightshiftError where nobody knows the other address
 */
export function streamsAfter(url: string, streams: CameraBulkChange['streams']): Partial<CameraSettings> {
  if (streams === undefined) return {};
  if (streams === 'none') return { largeUrl: null };
  const pair = streamsByForm(url);
  if (pair !== null) return pair;
  throw new NightshiftError({
    kind: 'bad-input',
    message: 'Its address has no form from which the other stream could be told.',
    hint: 'Give the address of its large stream in its own settings.',
  });
}
