import type { MessagePort } from 'node:worker_threads';
import { redactAddresses } from '../../shared/redact-addresses.ts';
import { machineClock } from './clock.ts';
import { asMediaFault, MediaFault } from './media-fault.ts';
import type { FromLookWorker, LookRequest, WorkerRole } from './messages.ts';

type LookRole = Extract<WorkerRole, { name: 'look' }>;
type Looked = Extract<FromLookWorker, { type: 'looked' }>['value'];

/** Of the limit, kept for making the answer and for its way. */
const spareMs = 300;

/** A thread for one look at what is not open: a camera, all cameras of the network, the streams of one. */
export async function runLook(port: MessagePort, { request, endMonoMs, maxPixels }: LookRole): Promise<void> {
  const say = (message: FromLookWorker): void => {
    port.postMessage(message);
  };
  const ending = new AbortController();
  const timer = setTimeout(
    () => {
      ending.abort(
        new MediaFault(
          'timed-out',
          `The camera did not answer within ${String(Math.round(request.limitMs / 1000))} s.`,
        ),
      );
    },
    Math.max(0, endMonoMs - spareMs - machineClock.monoMs()),
  );
  try {
    say({ type: 'looked', value: await look(request, maxPixels, ending.signal) });
  } catch (caught) {
    const { kind, message } = asMediaFault(caught);
    say({ type: 'look-failed', kind, reason: redactAddresses(message) });
  } finally {
    clearTimeout(timer);
  }
}

async function look(request: LookRequest, maxPixels: number, signal: AbortSignal): Promise<Looked> {
  switch (request.type) {
    case 'probe': {
      const { probeStream } = await import('./probe-stream.ts');
      return probeStream(request, maxPixels, signal);
    }
    case 'discover-cameras': {
      const { findCameras } = await import('./find-cameras.ts');
      return findCameras(request.waitMs, request.target);
    }
    case 'try-decoder': {
      const { tryDecoder } = await import('./decoding/try-decoder.ts');
      return tryDecoder(request);
    }
    case 'onvif-streams': {
      const { onvifStreams } = await import('./onvif/onvif-streams.ts');
      return onvifStreams(request, signal);
    }
  }
}
