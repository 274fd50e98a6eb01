import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import { openDirectly, type DirectStore } from './direct-store.ts';
import { temporaryFolder } from './store-fixture.ts';

/** A folder of its own for every test of the file that asks for one here; it is there before the file's own hooks run. */
export function folderForEachTest(): { readonly path: string } {
  const folder = { path: '', remove: (): void => {} };
  beforeEach(() => {
    Object.assign(folder, temporaryFolder());
  });
  afterEach(() => {
    folder.remove();
  });
  return folder;
}

/** A store without a thread, new for every test of the file that asks for one here, and put away with its folder. */
export function storeForEachTest(folder: { readonly path: string } = folderForEachTest()): DirectStore {
  let opened: DirectStore | null = null;
  const now = (): DirectStore => {
    if (opened === null) throw new Error('a store for each test is open within tests only');
    return opened;
  };
  beforeEach(() => {
    opened = openDirectly(join(folder.path, 'test.db'));
  });
  afterEach(() => {
    now().db.close();
    opened = null;
  });
  return {
    get db() {
      return now().db;
    },
    call: (name, input) => now().call(name, input),
  };
}
