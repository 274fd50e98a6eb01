import type { BrowserWindow, MessageBoxOptions } from 'electron';
import { dialog } from 'electron';
import { describeError, toErrorValue } from '../shared/errors.ts';
import { strings } from './strings.ts';

/** Says in a dialog and on stderr why there is no application; resolves once it has been read. */
export async function tellStartFailure(caught: unknown, window: BrowserWindow | null): Promise<void> {
  const error = toErrorValue(caught);
  const detail = describeError(error);
  process.stderr.write(`nightshift: ${detail}\n`);
  const message = error.kind === 'owned-elsewhere' ? strings.ownedTitle : strings.startFailedTitle;
  const box: MessageBoxOptions = { type: 'error', message, detail };
  await (window === null ? dialog.showMessageBox(box) : dialog.showMessageBox(window, box));
}
