import type { IpcMainEvent, IpcMainInvokeEvent, WebFrameMain } from 'electron';
import { ipcMain } from 'electron';
import { pageHost, pageScheme } from '../shared/contract/bridge.ts';

/** Our page in the top frame of a window; nothing else is heard, whatever may have been loaded by whatever mistake. */
function isPage(frame: WebFrameMain | null): boolean {
  if (frame?.parent !== null) return false;
  return isPageUrl(frame.url);
}

export function isPageUrl(text: string): boolean {
  try {
    const url = new URL(text);
    return url.protocol === `${pageScheme}:` && url.host === pageHost;
  } catch {
    return false;
  }
}

/** The only two ways in which this process listens to a page. Both check the sender before anything else. */
export function handleFromPage<T>(
  channel: string,
  refused: T,
  handle: (event: IpcMainInvokeEvent, ...args: readonly unknown[]) => Promise<T>,
): () => void {
  ipcMain.handle(channel, (event, ...args: unknown[]) =>
    isPage(event.senderFrame) ? handle(event, ...args) : refused,
  );
  return () => {
    ipcMain.removeHandler(channel);
  };
}

export function onFromPage(channel: string, listener: (event: IpcMainEvent) => void): () => void {
  const checked = (event: IpcMainEvent): void => {
    if (isPage(event.senderFrame)) listener(event);
  };
  ipcMain.on(channel, checked);
  return () => {
    ipcMain.removeListener(channel, checked);
  };
}
