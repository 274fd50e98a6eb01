import { once } from 'node:events';
import type { MessagePort } from 'node:worker_threads';
import type { PlayableExtent } from '../../../core/recording/fragments.ts';
import { asMediaFault } from '../media-fault.ts';
import { mendRecording } from './mend-recording.ts';

export type ToMender = { readonly type: 'mend'; readonly requestId: number; readonly path: string } | { type: 'stop' };
export type FromMender =
  | { readonly type: 'mended'; readonly requestId: number; readonly extent: PlayableExtent }
  | {
      readonly type: 'mend-failed';
      readonly requestId: number;
      readonly kind: ReturnType<typeof asMediaFault>['kind'];
      readonly reason: string;
    };

/** A thread that looks at files nobody ended, one after the other: a disk that does not answer holds up this one alone. */
export async function runMender(port: MessagePort): Promise<void> {
  port.on('message', (message: ToMender) => {
    if (message.type === 'stop') port.close();
    else port.postMessage(answer(message.requestId, message.path));
  });
  await once(port, 'close');
}

function answer(requestId: number, path: string): FromMender {
  try {
    return { type: 'mended', requestId, extent: mendRecording(path) };
  } catch (caught) {
    const { kind, message } = asMediaFault(caught);
    return { type: 'mend-failed', requestId, kind, reason: message };
  }
}
