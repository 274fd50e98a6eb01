import type { HeldTrouble } from '../../core/analytics/health-watch.ts';
import type { CameraDrift } from '../../shared/domain/camera-health.ts';
import type { NoticeBoard } from '../notices/notice-board.ts';
import { troubleWords } from './health-words.ts';

export type HealthNoticeBoard = Pick<NoticeBoard, 'raise' | 'clear' | 'notices'>;

/** What operators are told of the cameras' views: one notice a camera for what is wrong now, and one for slow drift. */
export class HealthNotices {
  readonly #board: HealthNoticeBoard;
  readonly #nameOf: (cameraId: string) => string;
  /** Cameras with a notice, by the kind of trouble. */
  readonly #raised = new Map<string, HeldTrouble['kind']>();

  constructor(board: HealthNoticeBoard, nameOf: (cameraId: string) => string) {
    this.#board = board;
    this.#nameOf = nameOf;
  }

  /** True where that is another trouble than before. */
  troubleIs(cameraId: string, trouble: HeldTrouble | null): boolean {
    const told = this.#raised.get(cameraId);
    if (told === trouble?.kind) return false;
    if (told !== undefined) void this.#board.clear(viewTopic(cameraId));
    if (trouble === null) this.#raised.delete(cameraId);
    else {
      this.#raised.set(cameraId, trouble.kind);
      void this.#board.raise('warning', viewTopic(cameraId), `${this.#nameOf(cameraId)} ${troubleWords[trouble.kind]}`);
    }
    return true;
  }

  driftIs(cameraId: string, drift: CameraDrift | null): void {
    const topic = driftTopic(cameraId);
    if (drift === null) {
      this.#clearIfOpen(topic);
      return;
    }
    const text = `${this.#nameOf(cameraId)} ${drift.says} Accept it as the new normal in Cameras, or look after it.`;
    void this.#board.raise('warning', topic, text);
  }

  /** Whatever was said before, also by an earlier run. */
  clear(cameraId: string): void {
    // It may have been raised a moment ago, and not be listed yet.
    if (this.#raised.delete(cameraId)) void this.#board.clear(viewTopic(cameraId));
    else this.#clearIfOpen(viewTopic(cameraId));
    this.#clearIfOpen(driftTopic(cameraId));
  }

  #clearIfOpen(topic: string): void {
    const isOpen = this.#board.notices.some((notice) => notice.topic === topic && notice.clearedAtMs === null);
    if (isOpen) void this.#board.clear(topic);
  }
}

const viewTopic = (cameraId: string): string => `camera-view:${cameraId}`;
const driftTopic = (cameraId: string): string => `camera-drift:${cameraId}`;
