import { randomUUID } from 'node:crypto';
import { renameSync, rmSync, statSync } from 'node:fs';
import type { MessagePort } from 'node:worker_threads';
import { asMediaFault } from '../media-fault.ts';
import { exportRecording, type ExportOrder } from './export-recording.ts';

export type FromExporter =
  | { readonly type: 'exported'; readonly result: ReturnType<typeof exportRecording> & { readonly bytes: number } }
  | { readonly type: 'export-failed'; readonly kind: ReturnType<typeof asMediaFault>['kind']; readonly reason: string };

/** A thread for one export: whole under its name, or not there at all. */
export function runExport(port: MessagePort, order: ExportOrder, isGivenUp: () => boolean): void {
  // A name of its own: an export that nobody waits for any more may still be writing.
  const partial = `${order.target}.${randomUUID()}.partial`;
  const say = (message: FromExporter): void => {
    port.postMessage(message);
  };
  try {
    const result = exportRecording({ ...order, target: partial }, isGivenUp);
    renameSync(partial, order.target);
    say({ type: 'exported', result: { ...result, bytes: statSync(order.target).size } });
  } catch (caught) {
    rmSync(partial, { force: true });
    const { kind, message } = asMediaFault(caught);
    say({ type: 'export-failed', kind, reason: message });
  }
}
