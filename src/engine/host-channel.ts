import type { FromEngine, ToEngine } from '../shared/engine/protocol.ts';

/** The engine's end of the wire to the control plane. Messages arrive in the order in which they were sent. */
export interface HostChannel {
  send(message: FromEngine): void;
  onMessage(listener: (message: ToEngine) => void): void;
  /** The host is gone, however it ended. */
  onClose(listener: () => void): void;
}

/** What Electron puts into a utility process; its types would bring a window's world into this folder. */
interface ParentPort {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (event: { readonly data: unknown }) => void): void;
}

/** The channel that this process was given: an Electron utility process's port, or the IPC channel of a fork. */
export function openHostChannel(): HostChannel {
  const { parentPort } = process as NodeJS.Process & { readonly parentPort?: ParentPort | null };
  if (parentPort !== undefined && parentPort !== null) return utilityProcessChannel(parentPort);
  if (process.send !== undefined) return forkChannel();
  throw new Error('the engine is a child of Nightshift and cannot be started by itself');
}

/** Chromium ends a utility process together with its host, so there is no close to hear. */
function utilityProcessChannel(port: ParentPort): HostChannel {
  return {
    send: (message) => port.postMessage(message),
    onMessage: (listener) => port.on('message', (event) => listener(event.data as ToEngine)),
    onClose: () => undefined,
  };
}

/** Needs `serialization: 'advanced'`: messages carry bytes. */
function forkChannel(): HostChannel {
  return {
    // A host that has just gone away takes no more messages; `disconnect` is on its way and says so.
    send: (message) => void (process.connected && process.send?.(message, undefined, undefined, () => undefined)),
    onMessage: (listener) => process.on('message', (message) => listener(message as ToEngine)),
    onClose: (listener) => process.once('disconnect', listener),
  };
}
