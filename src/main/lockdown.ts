import type { App as ElectronApp, Session } from 'electron';
import { isPageUrl } from './page-sender.ts';

/** Full screen for a tile, and copying text that a button offers. Cameras of this machine are the engine's. */
const permitted: ReadonlySet<string> = new Set(['fullscreen', 'clipboard-sanitized-write']);

/**
 * Every web contents that will ever be made: no leaving the page, no window that the page made itself, no webview.
 * @param openScreen what is done instead where our page asks for a further window of the wall.
 */
export function lockWebContents(app: ElectronApp, openScreen: () => void): void {
  app.on('web-contents-created', (_event, contents) => {
    contents.setWindowOpenHandler(({ url }) => {
      if (isPageUrl(url) && new URL(url).searchParams.get('screen') === 'next') openScreen();
      return { action: 'deny' };
    });
    contents.on('will-navigate', (event, url) => {
      if (!isPageUrl(url)) event.preventDefault();
    });
    contents.on('will-redirect', (event, url) => {
      if (!isPageUrl(url)) event.preventDefault();
    });
    contents.on('will-attach-webview', (event) => {
      event.preventDefault();
    });
  });
}

/** What the page may ask of Chromium, and that it loads nothing from any network or file. */
export function lockSession(session: Session): void {
  session.setPermissionRequestHandler((_contents, permission, decide) => {
    decide(permitted.has(permission));
  });
  session.setPermissionCheckHandler((_contents, permission) => permitted.has(permission));
  session.webRequest.onBeforeRequest(
    { urls: ['http://*/*', 'https://*/*', 'ws://*/*', 'wss://*/*', 'ftp://*/*', 'file://*/*'] },
    (_details, decide) => {
      decide({ cancel: true });
    },
  );
}
