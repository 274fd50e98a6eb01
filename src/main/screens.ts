import type { BrowserWindow } from 'electron';
import type { Log } from '../app/ports.ts';
import { mostScreens } from '../shared/domain/wall.ts';
import { closeWindow } from './windows.ts';

export interface ScreenWindows {
  /** One more, or the last one in front where there are as many as there may be. */
  open(): void;
  /** All of them, within about a second. */
  close(): Promise<void>;
}

/** The windows of the wall beside the main one. They have its page, each with a layout and a page of cameras of its own. */
export function screenWindows(
  openOne: (name: string, beside: readonly BrowserWindow[]) => BrowserWindow,
  log: Log,
): ScreenWindows {
  const windows = new Map<string, BrowserWindow>();
  return {
    open() {
      const names = Array.from({ length: mostScreens }, (_, index) => String(index + 2));
      const name = names.find((one) => !windows.has(one));
      if (name === undefined) {
        log.warn('there are as many windows of the wall as there may be', { windows: windows.size });
        [...windows.values()].at(-1)?.focus();
        return;
      }
      const window = openOne(name, [...windows.values()]);
      windows.set(name, window);
      window.once('closed', () => {
        windows.delete(name);
      });
    },
    async close() {
      await Promise.all([...windows.values()].map((window) => closeWindow(window)));
    },
  };
}
