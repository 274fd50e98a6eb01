/** All words of the shell: menus, dialogs. The window's words are the renderer's. */
export const strings = {
  menu: {
    file: 'File',
    edit: 'Edit',
    view: 'View',
    window: 'Window',
  },
  dialogs: {
    chooseFolder: 'Choose a folder',
    chooseFiles: 'Choose pictures or videos',
    saveAs: 'Save as',
  },
  ownedTitle: 'Nightshift is already running',
  startFailedTitle: 'Nightshift could not start',
} as const;
