import type { BrowserWindow, OpenDialogOptions, SaveDialogOptions } from 'electron';
import { dialog } from 'electron';
import type { Dialogs } from '../app/ports.ts';
import { strings } from './strings.ts';

/** The system's dialogs, attached to the window while there is one. A cancelled dialog chose nothing. */
export function systemDialogs(window: () => BrowserWindow | null): Dialogs {
  const words = strings.dialogs;
  const open = async (options: OpenDialogOptions): Promise<readonly string[]> => {
    const parent = window();
    const { canceled, filePaths } = await (parent === null
      ? dialog.showOpenDialog(options)
      : dialog.showOpenDialog(parent, options));
    return canceled ? [] : filePaths;
  };
  const save = async (options: SaveDialogOptions): Promise<readonly string[]> => {
    const parent = window();
    const { canceled, filePath } = await (parent === null
      ? dialog.showSaveDialog(options)
      : dialog.showSaveDialog(parent, options));
    return canceled || filePath === undefined || filePath === '' ? [] : [filePath];
  };
  return {
    choose: ({ kind, suggestedName }) => {
      switch (kind) {
        case 'folder':
          return open({ title: words.chooseFolder, properties: ['openDirectory'] });
        case 'files':
          return open({ title: words.chooseFiles, properties: ['openFile', 'multiSelections'] });
        case 'save':
          return save({ title: words.saveAs, ...(suggestedName === undefined ? {} : { defaultPath: suggestedName }) });
      }
    },
  };
}
