/** An engine that only answers: what the channel's tests fork. Started with a parent's orders as messages. */
import type { FromEngine, ToEngine } from '../../../shared/engine/protocol.ts';

const send = (message: FromEngine): void => {
  process.send?.(message);
};
process.on('disconnect', () => {
  process.exit(0);
});

process.on('message', (message: ToEngine) => {
  if (message.type === 'stop') process.exit(7);
  if (message.type === 'close-camera') {
    for (let count = 1; count <= 2000; count++) {
      send({ type: 'tickets', tickets: [], lost: [{ source: message.cameraId, reason: 'stopped', count }] });
    }
    process.exit(0);
  }
  if (message.type === 'request') {
    send({ type: 'reply', requestId: message.requestId, value: { jpeg: new Uint8Array([1, 2, 255]) } });
  }
});
send({
  type: 'ready',
  protocol: 1,
  pid: process.pid,
  cores: 1,
  versions: { pool: process.env['UV_THREADPOOL_SIZE'] ?? '' },
});
