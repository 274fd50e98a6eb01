import type { NoticeBoard } from '../notices/notice-board.ts';

/**
 * What is told of a camera for as long as it is so: how its topics begin, before its id. Results that wait for the store
 * are told by whoever keeps them, also when the camera is closed; of what it sees `HealthNotices` tells.
 */
const told: readonly string[] = [
  'camera-offline',
  'camera-promise',
  'camera-frozen',
  'camera-large',
  'clock-set-back',
  'recording',
];

/**
 * Takes back what is told of a camera that is closed (null: of all of them, before any is opened: an earlier run may have
 * had no time for it). What is still so is told again once it is open.
 */
export async function clearCameraNotices(
  board: Pick<NoticeBoard, 'notices' | 'clear'>,
  cameraId: string | null,
): Promise<void> {
  const isOfCamera = (topic: string): boolean => {
    const colon = topic.indexOf(':');
    return told.includes(topic.slice(0, colon)) && (cameraId === null || topic.slice(colon + 1) === cameraId);
  };
  const open = board.notices.flatMap(({ topic, clearedAtMs }) =>
    clearedAtMs === null && isOfCamera(topic) ? [topic] : [],
  );
  for (const topic of new Set(open)) await board.clear(topic);
}
