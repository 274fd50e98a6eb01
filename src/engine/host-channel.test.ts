import { EventEmitter } from 'node:events';
import { afterEach, expect, it } from 'vitest';
import type { ToEngine } from '../shared/engine/protocol.ts';
import { openHostChannel } from './host-channel.ts';

afterEach(() => {
  Reflect.deleteProperty(process, 'parentPort');
});

it('speaks through the port of an Electron utility process where there is one', () => {
  const posted: unknown[] = [];
  const port = Object.assign(new EventEmitter(), { postMessage: (message: unknown) => posted.push(message) });
  Object.assign(process, { parentPort: port });
  const channel = openHostChannel();
  const heard: ToEngine[] = [];
  channel.onMessage((message) => heard.push(message));
  port.emit('message', { data: { type: 'stop' } });
  channel.send({ type: 'reply', requestId: 1, value: { jpeg: null } });
  expect(heard).toEqual([{ type: 'stop' }]);
  expect(posted).toEqual([{ type: 'reply', requestId: 1, value: { jpeg: null } }]);
});
