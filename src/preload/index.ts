import { contextBridge, ipcRenderer } from 'electron';
import type { NightshiftBridge } from '../shared/contract/bridge.ts';
import { ipcChannels, openMediaMessage } from '../shared/contract/bridge.ts';
import type { Bridge } from '../shared/contract/calls.ts';
import { callNames } from '../shared/contract/calls.ts';
import type { EventMessage } from '../shared/contract/events.ts';

/** The typed bridge, derived from the contract: no names of its own and no decisions. */
const calls = Object.fromEntries(
  callNames.map((name) => [name, (input: unknown) => ipcRenderer.invoke(ipcChannels.call, name, input)]),
) as unknown as Bridge;

const bridge: NightshiftBridge = {
  calls,
  onEvent: (listener) => {
    const forward = (_event: unknown, message: EventMessage): void => {
      listener(message);
    };
    ipcRenderer.on(ipcChannels.event, forward);
    return () => {
      ipcRenderer.removeListener(ipcChannels.event, forward);
    };
  },
};

contextBridge.exposeInMainWorld('nightshift', bridge);

window.addEventListener('message', (event) => {
  if (event.source !== window || event.data !== openMediaMessage) return;
  const [port] = event.ports;
  if (port !== undefined) ipcRenderer.postMessage(ipcChannels.media, null, [port]);
});
