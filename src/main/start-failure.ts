import { dialog } from 'electron';
import { readOwnerFile } from '../app/gateway/owner-file.ts';
import { describeError, toErrorValue } from '../shared/errors.ts';
import { strings } from './strings.ts';

/** Says in a dialog and on stderr why there is no application; resolves once it has been read. */
export async function tellStartFailure(caught: unknown, dataDir: string): Promise<void> {
  const error = toErrorValue(caught);
  const owner = error.kind === 'owned-elsewhere' ? await readOwnerFile(dataDir) : null;
  const detail = owner === null ? describeError(error) : strings.ownedBy(owner.pid, dataDir);
  process.stderr.write(`nightshift: ${detail}\n`);
  await dialog.showMessageBox({
    type: 'error',
    message: error.kind === 'owned-elsewhere' ? strings.ownedTitle : strings.startFailedTitle,
    detail,
  });
}
