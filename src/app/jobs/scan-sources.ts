import type { JobSpec } from '../../shared/domain/job.ts';
import { asAway, folderIsThere, folderOf, scannedRoot } from './scanned-root.ts';

/** The folders that a scan's files come from. */
export class ScanSources {
  readonly #paths: readonly string[];
  /** Null: nobody has looked yet. What was a file then is looked for in its folder, which may well outlast it. */
  #folders: Set<string> | null = null;

  constructor({ paths, lists }: JobSpec) {
    this.#paths = [...paths, ...lists];
  }

  /** The files of its lists lie in this folder or below. */
  listed(folder: string): void {
    this.#folders?.add(folder);
  }

  /** Rejects with `SourceAway` where one of them is gone as a whole. */
  async areThere(): Promise<void> {
    if (this.#folders === null) {
      const folders = new Set<string>();
      for (const path of this.#paths) {
        try {
          folders.add(folderOf(await scannedRoot(path)));
        } catch (caught) {
          throw asAway(caught);
        }
      }
      this.#folders = folders;
    }
    for (const folder of this.#folders) await folderIsThere(folder);
  }
}
