import type { BrowserWindow, MessageBoxOptions } from 'electron';
import { dialog } from 'electron';
import { readOwnerFile } from '../app/gateway/owner-file.ts';
import { describeError, toErrorValue } from '../shared/errors.ts';
import { strings } from './strings.ts';

/** Says in a dialog and on stderr why there is no application; resolves once it has been read. */
export async function tellStartFailure(caught: unknown, dataDir: string, window: BrowserWindow | null): Promise<void> {
  const error = toErrorValue(caught);
  const owner = error.kind === 'owned-elsewhere' ? await readOwnerFile(dataDir) : null;
  const detail = owner === null ? describeError(error) : strings.ownedBy(owner.pid, dataDir);
  process.stderr.write(`nightshift: ${detail}\n`);
  const message = error.kind === 'owned-elsewhere' ? strings.ownedTitle : strings.startFailedTitle;
  const box: MessageBoxOptions = { type: 'error', message, detail };
  await (window === null ? dialog.showMessageBox(box) : dialog.showMessageBox(window, box));
}
