import { app, safeStorage, session } from 'electron';
import type { BrowserWindow } from 'electron';
import type { App } from '../app/app.ts';
import { composeApp } from '../app/compose.ts';
import { pinnedDecoders } from '../app/engine-host/pinned-decoders.ts';
import { pinnedProviders } from '../app/engine-host/pinned-providers.ts';
import { fileLog } from '../app/file-log.ts';
import { openGateway } from '../app/gateway/open-gateway.ts';
import { systemClock } from '../app/system-clock.ts';
import { chosenDataDir, prepareDataDir } from './data-folder.ts';
import { systemDialogs } from './dialogs.ts';
import { hostFiles } from './host-files.ts';
import { pushEvents, serveIpc } from './ipc.ts';
import { lockSession, lockWebContents } from './lockdown.ts';
import { setMenu } from './menu.ts';
import { screenWindows } from './screens.ts';
import { desktopSecrets } from './secrets.ts';
import { registerPageScheme, servePage } from './protocol.ts';
import { shutdownOf } from './shutdown.ts';
import { spawnEngineFrom } from './spawn-engine.ts';
import { tellStartFailure } from './start-failure.ts';
import { closeWindow, openScreenWindow, openWindow } from './windows.ts';

const dataDir = chosenDataDir(process.argv, process.env, process.platform);
const { windowDir } = prepareDataDir(dataDir);
const log = fileLog(dataDir);
const files = hostFiles(app.getAppPath(), app.isPackaged ? process.resourcesPath : app.getAppPath());
let window: BrowserWindow | null = null;

app.setPath('userData', windowDir);
registerPageScheme();
/** Opens a further window of the wall; null before the application has started. */
let openScreen: (() => void) | null = null;
lockWebContents(app, () => openScreen?.());

if (app.requestSingleInstanceLock()) {
  app.on('second-instance', () => {
    if (window?.isMinimized() === true) window.restore();
    window?.focus();
  });
  void app.whenReady().then(start);
} else {
  process.stderr.write(`nightshift: the window of ${dataDir} is open already.\n`);
  app.exit(0);
}

/** The window opens at once and its page is served while the store opens and the engine warms. */
async function start(): Promise<void> {
  const { undoLater, end } = shutdownOf(app, log);
  const running = compose();
  lockSession(session.defaultSession);
  servePage(running, files.rendererDir);
  undoLater(serveIpc(running, log));
  setMenu(process.platform);
  showWindow(running);
  const screens = screenWindows((name, beside) => {
    const main = window === null ? [] : [window];
    const opened = openScreenWindow(name, [...main, ...beside], { preloadFile: files.preloadFile, windowDir, log });
    feedWindow(opened, running);
    return opened;
  }, log);
  openScreen = () => {
    screens.open();
  };
  // They belong to the main window: with it the application ends.
  window?.once('closed', () => void screens.close());
  app.on('window-all-closed', () => {
    app.quit();
  });
  try {
    const nightshift = await running;
    undoLater(() => nightshift.close());
    const gateway = await openGateway({ app: nightshift, dataDir, rendererDir: null, port: 0, log });
    undoLater(() => gateway.close());
    // Newest, so that it goes first: what the page still sends while it closes is heard.
    undoLater(() => (window === null ? undefined : closeWindow(window)));
    undoLater(() => screens.close());
  } catch (caught) {
    process.exitCode = 1;
    log.error('start failed', { message: String(caught) });
    await tellStartFailure(caught, window);
    end();
  }
}

function compose(): Promise<App> {
  return composeApp({
    host: 'electron',
    dataDir,
    modelsDir: files.modelsDir,
    resourcesDir: files.resourcesDir,
    reportsDir: `${dataDir}/reports`,
    storeWorkerFile: files.storeWorkerFile,
    sqliteBinding: process.env['NIGHTSHIFT_SQLITE_BINDING'],
    spawnEngine: spawnEngineFrom(files.engineFile, process.env['NIGHTSHIFT_ENGINE_NODE']),
    providers: pinnedProviders(process.env),
    decoders: pinnedDecoders(process.env),
    dialogs: systemDialogs(() => window),
    secrets: desktopSecrets(safeStorage, dataDir),
    clock: systemClock,
    log,
    version: app.getVersion(),
    openCameras: true,
    resumeJobs: true,
    onFatal: (error) => {
      log.error('the store is gone', { message: error.message });
      void tellStartFailure(error, window).then(() => {
        app.exit(1);
      });
    },
  });
}

function showWindow(running: Promise<App>): void {
  const opened = openWindow({ preloadFile: files.preloadFile, windowDir, log });
  window = opened;
  opened.once('closed', () => {
    window = null;
  });
  feedWindow(opened, running);
}

function feedWindow(opened: BrowserWindow, running: Promise<App>): void {
  running.then(
    (nightshift) => {
      if (!opened.isDestroyed()) pushEvents(nightshift, opened.webContents, log);
    },
    () => undefined,
  );
}
