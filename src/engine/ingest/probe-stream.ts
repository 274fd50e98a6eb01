import type { ProbedStream } from '../../shared/engine/protocol.ts';
import { machineClock } from './clock.ts';
import { FileSource } from './file-source.ts';
import { JpegEncoder } from './jpeg-encoder.ts';
import { parseLiveAddress } from './live-address.ts';
import { Stopped, type LiveSource } from './live-source.ts';
import { MediaFault } from './media-fault.ts';
import type { ProbeRequest } from './messages.ts';
import { NetworkSource } from './network-source.ts';
import { TestSource } from './test-source.ts';
import { openUsbSource } from './usb-source.ts';

/** Looked at for so long behind its first picture. */
const lookMs = 1_500;

/**
 * Opens a camera's address, decodes what comes for a moment, and says what it is and what its decoding costs. Other
 * cameras do not notice: it runs on a thread of its own. @throws MediaFault
 */
export async function probeStream(
  request: ProbeRequest,
  maxPixels: number,
  signal: AbortSignal,
): Promise<ProbedStream> {
  const progress = { hasAnswered: false };
  const encoder = new JpegEncoder(request.maxWidth);
  const enough = new AbortController();
  try {
    const source = await open(request, maxPixels, AbortSignal.any([signal, enough.signal]), progress);
    try {
      return await look(source, encoder, enough);
    } finally {
      source.close();
    }
  } catch (caught) {
    if (!signal.aborted || !progress.hasAnswered) throw caught;
    const seconds = String(Math.round(request.limitMs / 1000));
    throw new MediaFault('timed-out', `The camera answered, but sent no picture within ${seconds} s.`);
  } finally {
    encoder.close();
  }
}

function open(
  { url, transport, reach }: ProbeRequest,
  maxPixels: number,
  signal: AbortSignal,
  progress: { hasAnswered: boolean },
): LiveSource | Promise<LiveSource> {
  const address = parseLiveAddress(url);
  // A file or a pattern is not waited for: it is looked at as fast as it decodes.
  const pause = (): void => undefined;
  const onAnswer = (): void => {
    progress.hasAnswered = true;
  };
  switch (address.kind) {
    case 'file':
      return new FileSource(address.path, { maxPixels }, pause, () => undefined);
    case 'test':
      return new TestSource(address.pattern, pause);
    case 'usb':
      return openUsbSource(address.address, { maxPixels, signal, onAnswer });
    case 'network':
      return NetworkSource.open(address.url, { transport, reach, maxPixels, signal, onAnswer });
  }
}

async function look(source: LiveSource, encoder: JpegEncoder, enough: AbortController): Promise<ProbedStream> {
  const first = await source.next();
  const { jpeg } = encoder.encode(first.frame);
  const { width, height } = first.frame;
  const endMonoMs = machineClock.monoMs() + lookMs;
  const startMs = first.timeMs;
  const cpuBefore = threadCpuMs();
  let pictures = 0;
  let mediaMs = 0;
  // A camera with few pictures is not waited for: one is enough to show. The read under way ends before the source does.
  const timer = setTimeout(() => {
    enough.abort(new Stopped());
  }, lookMs);
  try {
    while (machineClock.monoMs() < endMonoMs && mediaMs < 10 * lookMs) {
      const live = await source.next();
      pictures += 1;
      mediaMs = live.timeMs - startMs;
    }
  } catch {
    // It was looked at long enough, or has ended meanwhile: it has shown a picture.
  } finally {
    clearTimeout(timer);
  }
  const cpuMs = cpuBefore === null ? null : (threadCpuMs() ?? 0) - cpuBefore;
  const fps = pictures >= 3 && mediaMs > 0 ? (pictures * 1000) / mediaMs : source.facts.fps;
  const decodeMs = cpuMs === null || pictures === 0 ? null : cpuMs / pictures;
  return {
    width,
    height,
    codec: source.facts.codec,
    fps: fps === null ? null : Math.round(fps * 10) / 10,
    transport: source.facts.transport,
    decodeMs,
    decodeCoreMsPerSecond: decodeMs === null || fps === null ? null : decodeMs * fps,
    jpeg,
  };
}

/** Processor time of this thread, which decodes on itself; null where it cannot be read. */
function threadCpuMs(): number | null {
  if (typeof process.threadCpuUsage !== 'function') return null;
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}
