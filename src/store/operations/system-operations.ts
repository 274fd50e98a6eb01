import type { Notice, NoticeLevel } from '../../shared/domain/system.ts';

/** Notices, settings, and the store itself. */
export interface SystemOperations {
  'notices.add': { in: { atMs: number; level: NoticeLevel; topic: string; text: string }; out: Notice };
  /** Clears all open notices of the topic. */
  'notices.clear': { in: { topic: string; atMs: number }; out: void };
  'notices.dismiss': { in: { id: number; atMs: number }; out: void };
  /** Open ones first, newest first, at most 200. */
  'notices.list': { in: void; out: readonly Notice[] };
  'settings.get': { in: { key: string }; out: string | null };
  'settings.set': { in: { key: string; value: string }; out: void };
  'store.status': {
    in: void;
    out: { path: string; bytes: number; detections: number; schemaVersion: number; sqlite: string };
  };
}
