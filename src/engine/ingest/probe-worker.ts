import type { MessagePort } from 'node:worker_threads';
import { redactAddresses } from '../../shared/redact-addresses.ts';
import { asMediaFault } from './media-fault.ts';
import type { FromProbeWorker, ProbeOrder } from './messages.ts';
import { probeStream } from './probe-stream.ts';

/** A thread for one look at a camera. */
export async function runProbe(port: MessagePort, order: ProbeOrder, maxPixels: number): Promise<void> {
  const say = (message: FromProbeWorker): void => {
    port.postMessage(message);
  };
  try {
    say({ type: 'probed', stream: await probeStream(order, maxPixels) });
  } catch (caught) {
    const { kind, message } = asMediaFault(caught);
    say({ type: 'probe-failed', kind, reason: redactAddresses(message) });
  }
}
