import type { ProbedStream } from '../../shared/engine/protocol.ts';
import { machineClock } from './clock.ts';
import { FileSource } from './file-source.ts';
import { JpegEncoder } from './jpeg-encoder.ts';
import { parseLiveAddress } from './live-address.ts';
import type { LiveSource } from './live-source.ts';
import { MediaFault } from './media-fault.ts';
import type { ProbeOrder } from './messages.ts';
import { NetworkSource } from './network-source.ts';
import { TestSource } from './test-source.ts';

/** Looked at for so long where pictures come; a camera with few of them is looked at until the limit. */
const lookMs = 1_500;
/** Of the limit, kept for making the picture and for the answer's way. */
const spareMs = 300;

/**
 * Opens a camera's address, decodes what comes for a moment, and says what it is and what its decoding costs. Other
 * cameras do not notice: it runs on a thread of its own. @throws MediaFault
 */
export async function probeStream(order: ProbeOrder, endMonoMs: number, maxPixels: number): Promise<ProbedStream> {
  const ending = new AbortController();
  const progress = { hasAnswered: false };
  const timer = setTimeout(
    () => {
      ending.abort(late(progress.hasAnswered, order.limitMs));
    },
    endMonoMs - spareMs - machineClock.monoMs(),
  );
  const encoder = new JpegEncoder(order.maxWidth);
  try {
    const source = await open(order, maxPixels, ending.signal, progress);
    try {
      return await look(source, encoder, endMonoMs - spareMs, ending.signal);
    } finally {
      source.close();
    }
  } finally {
    clearTimeout(timer);
    encoder.close();
  }
}

function open(
  { url, transport, reach }: ProbeOrder,
  maxPixels: number,
  signal: AbortSignal,
  progress: { hasAnswered: boolean },
): LiveSource | Promise<LiveSource> {
  const address = parseLiveAddress(url);
  // A file or a pattern is not waited for: it is looked at as fast as it decodes.
  const pause = (): void => undefined;
  switch (address.kind) {
    case 'file':
      return new FileSource(address.path, { maxPixels }, pause, () => undefined);
    case 'test':
      return new TestSource(address.pattern, pause);
    case 'network':
      return NetworkSource.open(address.url, {
        transport,
        reach,
        maxPixels,
        signal,
        onAnswer: () => {
          progress.hasAnswered = true;
        },
      });
  }
}

async function look(
  source: LiveSource,
  encoder: JpegEncoder,
  endMonoMs: number,
  signal: AbortSignal,
): Promise<ProbedStream> {
  const first = await source.next();
  const { jpeg } = encoder.encode(first.frame);
  const { width, height } = first.frame;
  const untilMonoMs = Math.min(endMonoMs, machineClock.monoMs() + lookMs);
  const startMs = first.timeMs;
  const cpuBefore = threadCpuMs();
  let pictures = 0;
  let mediaMs = 0;
  const enough = new Promise<null>((resolve) => setTimeout(resolve, untilMonoMs - machineClock.monoMs(), null).unref());
  while (machineClock.monoMs() < untilMonoMs && mediaMs < 10 * lookMs) {
    const coming = source.next();
    const live = coming instanceof Promise ? await Promise.race([coming, enough]) : coming;
    if (live === null) {
      // The read under way is left to the end of the source, which interrupts it.
      void (coming as Promise<unknown>).catch(() => undefined);
      break;
    }
    pictures += 1;
    mediaMs = live.timeMs - startMs;
  }
  signal.throwIfAborted();
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

const late = (hasAnswered: boolean, limitMs: number): MediaFault => {
  const seconds = String(Math.round(limitMs / 1000));
  return new MediaFault(
    'timed-out',
    hasAnswered
      ? `The camera answered, but sent no picture within ${seconds} s.`
      : `The camera did not answer within ${seconds} s.`,
  );
};
