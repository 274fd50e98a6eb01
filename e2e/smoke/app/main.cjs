// The smallest application that uses everything Nightshift needs from its runtime: a sandboxed window with a bridge, a
// store in a worker thread with a native SQLite, and an engine in a child process.
'use strict';
const { fork } = require('node:child_process');
const { join } = require('node:path');
const { Worker } = require('node:worker_threads');
const { BrowserWindow, app, ipcMain, utilityProcess } = require('electron');

function askStore() {
  return new Promise((resolve, reject) => {
    const worker = new Worker(join(__dirname, 'store.cjs'), { workerData: process.env.NIGHTSHIFT_SQLITE_BINDING });
    worker.once('message', resolve);
    worker.once('error', reject);
  });
}

function askEngine() {
  return new Promise((resolve, reject) => {
    const file = join(__dirname, 'engine.cjs');
    const node = process.env.NIGHTSHIFT_ENGINE_NODE;
    const engine = node === undefined ? utilityProcess.fork(file) : fork(file, { execPath: node });
    engine.once('message', resolve);
    engine.once('exit', (code) => reject(new Error(`the engine ended (${code})`)));
  });
}

ipcMain.handle('describe', async () => ({
  name: app.getName(),
  version: app.getVersion(),
  isPackaged: app.isPackaged,
  electron: process.versions.electron,
  args: process.argv.slice(1),
  store: await askStore(),
  engine: await askEngine(),
}));

app.on('window-all-closed', () => app.quit());
app.whenReady().then(() => {
  const window = new BrowserWindow({
    webPreferences: { preload: join(__dirname, 'preload.cjs'), sandbox: true, contextIsolation: true },
  });
  return window.loadFile(join(__dirname, 'index.html'));
});
