import { statSync } from 'node:fs';
import type { Operation } from '../store-context.ts';

const bytesOf = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0;

export const storeStatus: Operation<'store.status'> = ({ db, file }) => {
  const detections = db.prepare('SELECT detections FROM store_counts').pluck();
  const sqlite = db.prepare('SELECT sqlite_version()').pluck().get() as string;
  return () => ({
    path: file,
    bytes: bytesOf(file) + bytesOf(`${file}-wal`),
    detections: detections.get() as number,
    schemaVersion: db.pragma('user_version', { simple: true }) as number,
    sqlite,
  });
};
