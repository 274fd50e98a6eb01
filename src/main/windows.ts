import { once } from 'node:events';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { BrowserWindow, screen } from 'electron';
import type { Log } from '../app/ports.ts';
import { pageHost, pageScheme } from '../shared/contract/bridge.ts';
import type { Bounds, WindowPlace } from './window-geometry.ts';
import { placeBeside, placeWindow, readSavedWindow, saveWindow, smallest } from './window-geometry.ts';

/** The page's own darkest tone: no white flash before its first paint. */
const backgroundColor = '#0b0f14';
/** A page that crashes again at once is left alone: reloading it for ever would hide why. */
const reloadPauseMs = 10_000;
/** A page that hangs does not answer whether it may be closed. */
const closeMs = 1000;

export interface WindowOptions {
  readonly preloadFile: string;
  /** Where the window's place is remembered. */
  readonly windowDir: string;
  readonly log: Log;
}

/** Opens the main window; it shows itself once its first paint is done. */
export function openWindow(options: WindowOptions): BrowserWindow {
  const placeFile = path.join(options.windowDir, 'place.json');
  return open(options, {
    placeFile,
    place: placeWindow(readSavedWindow(placeFile), workAreas()),
    address: `${pageScheme}://${pageHost}/`,
  });
}

/** Opens a further window of the wall, on a monitor of its own where there is one. `name`: see `shared/domain/wall.ts`. */
export function openScreenWindow(
  name: string,
  beside: readonly BrowserWindow[],
  options: WindowOptions,
): BrowserWindow {
  const placeFile = path.join(options.windowDir, `place-${name}.json`);
  return open(options, {
    placeFile,
    place: placeBeside(
      readSavedWindow(placeFile),
      workAreas(),
      beside.map((window) => window.getBounds()),
    ),
    address: `${pageScheme}://${pageHost}/?screen=${name}#/live`,
  });
}

/** Of every monitor, the main one first. */
function workAreas(): readonly Bounds[] {
  const main = screen.getPrimaryDisplay();
  const others = screen.getAllDisplays().filter(({ id }) => id !== main.id);
  return [main, ...others].map(({ workArea }) => workArea);
}

function open(
  { preloadFile, log }: WindowOptions,
  { placeFile, place, address }: { readonly placeFile: string; readonly place: WindowPlace; readonly address: string },
): BrowserWindow {
  const window = new BrowserWindow({
    ...place.position,
    width: place.width,
    height: place.height,
    minWidth: smallest.width,
    minHeight: smallest.height,
    show: false,
    backgroundColor,
    title: 'Nightshift',
    autoHideMenuBar: true,
    webPreferences: {
      preload: preloadFile,
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      webviewTag: false,
      spellcheck: false,
    },
  });
  window.once('ready-to-show', () => {
    if (place.maximised) window.maximize();
    window.show();
  });
  window.on('close', () => {
    saveWindow(placeFile, { ...window.getNormalBounds(), maximised: window.isMaximized() });
  });
  reloadAfterCrash(window, log);
  window.loadURL(address).catch((error: unknown) => {
    log.error('the page could not be loaded', { message: String(error) });
  });
  return window;
}

/** Closes it as a person would, so that its place is remembered; within about a second in any case. */
export async function closeWindow(window: BrowserWindow): Promise<void> {
  const closed = once(window, 'closed');
  window.close();
  await Promise.race([closed, wait(closeMs)]);
  if (!window.isDestroyed()) window.destroy();
}

function reloadAfterCrash(window: BrowserWindow, log: Log): void {
  let lastMs = -Infinity;
  window.webContents.on('render-process-gone', (_event, { reason }) => {
    if (reason === 'clean-exit') return;
    log.error('the window crashed', { reason });
    if (performance.now() - lastMs < reloadPauseMs) return;
    lastMs = performance.now();
    window.webContents.reload();
  });
}
