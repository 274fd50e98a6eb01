'use strict';
const { contextBridge, ipcRenderer } = require('electron');
contextBridge.exposeInMainWorld('smoke', { describe: () => ipcRenderer.invoke('describe') });
