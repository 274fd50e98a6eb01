import type { MessagePort } from 'node:worker_threads';
import { redactAddresses } from '../../shared/redact-addresses.ts';
import { asMediaFault } from './media-fault.ts';
import type { FromProbeWorker, WorkerRole } from './messages.ts';
import { probeStream } from './probe-stream.ts';

/** A thread for one look at a camera. */
export async function runProbe(port: MessagePort, role: Extract<WorkerRole, { name: 'probe' }>): Promise<void> {
  const say = (message: FromProbeWorker): void => {
    port.postMessage(message);
  };
  try {
    say({ type: 'probed', stream: await probeStream(role.order, role.endMonoMs, role.maxPixels) });
  } catch (caught) {
    const { kind, message } = asMediaFault(caught);
    say({ type: 'probe-failed', kind, reason: redactAddresses(message) });
  }
}
