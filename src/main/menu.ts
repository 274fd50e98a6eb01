import type { MenuItemConstructorOptions } from 'electron';
import { Menu } from 'electron';
import { strings } from './strings.ts';

/** The system's own items (roles), so that copy, zoom, full screen and quit work with the keys people know. */
export function setMenu(platform: string): void {
  const { menu } = strings;
  const template: MenuItemConstructorOptions[] = [
    ...(platform === 'darwin'
      ? [{ role: 'appMenu' } as const]
      : [{ label: menu.file, submenu: [{ role: 'quit' }] } satisfies MenuItemConstructorOptions]),
    {
      label: menu.edit,
      submenu: [
        { role: 'undo' },
        { role: 'redo' },
        { type: 'separator' },
        { role: 'cut' },
        { role: 'copy' },
        { role: 'paste' },
        { role: 'selectAll' },
      ],
    },
    {
      label: menu.view,
      submenu: [
        { role: 'reload' },
        { role: 'toggleDevTools' },
        { type: 'separator' },
        { role: 'resetZoom' },
        { role: 'zoomIn' },
        { role: 'zoomOut' },
        { type: 'separator' },
        { role: 'togglefullscreen' },
      ],
    },
    { label: menu.window, role: 'windowMenu' },
  ];
  Menu.setApplicationMenu(Menu.buildFromTemplate(template));
}
