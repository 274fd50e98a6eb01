import { once } from 'node:events';
import type { MessagePort } from 'node:worker_threads';
import { Frame } from 'node-av/lib';
import type { MediaInfo } from '../../shared/engine/protocol.ts';
import type { ControlBlock } from './control-block.ts';
import { checkFile } from './file-check.ts';
import { FrameScaler, planeOf } from './frame-scaler.ts';
import { asMediaFault, MediaFault } from './media-fault.ts';
import type { FromStillsWorker, StillRequest, ToStillsWorker } from './messages.ts';
import { inspectPicture, pictureJpeg, rgbJpeg } from './picture-file.ts';
import { isPicture } from './picture-signature.ts';
import { turnRgb, type QuarterTurns } from './quarter-turns.ts';
import { openVideoFile } from './video-file.ts';
import type { VideoTimeline } from './video-timeline.ts';

/** Stored times may have been rounded to a whole millisecond; the frames of a video lie further apart than this. */
const roundingMs = 1;

/** Answers people's requests about files, one at a time, on a thread of its own: the archive's is not disturbed. */
export class StillsWorker {
  readonly #port: MessagePort;
  readonly #control: ControlBlock;
  readonly #maxPixels: number;

  constructor(port: MessagePort, control: ControlBlock, maxPixels: number) {
    this.#port = port;
    this.#control = control;
    this.#maxPixels = maxPixels;
  }

  /** Ends when it is told to. */
  async run(): Promise<void> {
    this.#port.on('message', (message: ToStillsWorker) => {
      if (message.type === 'stop') this.#port.close();
      else void this.#answer(message.requestId, message.request);
    });
    await once(this.#port, 'close');
  }

  async #answer(requestId: number, request: StillRequest): Promise<void> {
    try {
      if (request.type === 'inspect') {
        this.#say({ type: 'info', requestId, info: await this.#inspect(request.path) });
      } else {
        const jpeg = await this.#still(request);
        this.#port.postMessage({ type: 'jpeg', requestId, jpeg } satisfies FromStillsWorker, [jpeg.buffer]);
      }
    } catch (error) {
      const { kind, message } = asMediaFault(error);
      this.#say({ type: 'refused', requestId, kind, reason: message });
    }
  }

  async #inspect(path: string): Promise<MediaInfo> {
    if (isPicture(checkFile(path))) {
      const { width, height, format } = await inspectPicture(path, this.#maxPixels);
      return { kind: 'picture', width, height, codec: format, durationMs: null, fps: null };
    }
    const video = this.#openVideo(path);
    const { width, height, codec, durationMs, fps } = video.facts;
    video.close();
    return { kind: 'video', width, height, codec, durationMs, fps };
  }

  async #still(request: Extract<StillRequest, { type: 'still' }>): Promise<Uint8Array<ArrayBuffer>> {
    if (isPicture(checkFile(request.path))) return pictureJpeg(request.path, request.maxWidth, this.#maxPixels);
    const video = this.#openVideo(request.path);
    try {
      const { rows, width, height } = rgbAt(video, request.timeMs ?? 0, request.maxWidth);
      return await rgbJpeg(rows, width, height);
    } finally {
      video.close();
    }
  }

  /** Not strict: a person may look at what there is of a damaged video. */
  #openVideo(path: string): VideoTimeline {
    return openVideoFile(path, { maxPixels: this.#maxPixels, strict: false }, () => {
      this.#control.beat();
      if (this.#control.stopped) throw new MediaFault('timed-out', 'The request was given up.');
    });
  }

  #say(message: FromStillsWorker): void {
    this.#port.postMessage(message);
  }
}

/** The last picture at or before the time (the first one where there is none), upright, as tightly packed RGB rows. */
function rgbAt(
  video: VideoTimeline,
  timeMs: number,
  maxWidth: number,
): { rows: Uint8Array; width: number; height: number } {
  const kept = new Frame();
  kept.alloc();
  try {
    const { numerator, denominator } = video.facts.timeBase;
    const target = video.startPts + Math.floor((timeMs * denominator) / (1000 * numerator));
    if (target > video.startPts) video.jump(target);
    keepLastUntil(video, timeMs + roundingMs, kept);
    return uprightRgb(kept, video.facts.turns, maxWidth);
  } finally {
    kept.free();
  }
}

function keepLastUntil(video: VideoTimeline, untilMs: number, kept: Frame): void {
  let found = false;
  for (;;) {
    let timed;
    try {
      timed = video.next();
    } catch (error) {
      if (found && error instanceof MediaFault && error.kind === 'undecodable') return;
      throw error;
    }
    if (timed === null || (found && timed.timeMs > untilMs)) return;
    kept.unref();
    kept.ref(timed.frame);
    found = true;
  }
}

function uprightRgb(
  frame: Frame,
  turns: QuarterTurns,
  maxWidth: number,
): { rows: Uint8Array; width: number; height: number } {
  const scale = Math.min(1, maxWidth / (turns % 2 === 0 ? frame.width : frame.height));
  const width = Math.max(1, Math.round(frame.width * scale));
  const height = Math.max(1, Math.round(frame.height * scale));
  const scaler = FrameScaler.toRgb(width, height);
  try {
    const { bytes, strideBytes } = planeOf(scaler.scale(frame));
    const rows = turnRgb(bytes, strideBytes, width, height, turns);
    return turns % 2 === 0 ? { rows, width, height } : { rows, width: height, height: width };
  } finally {
    scaler.close();
  }
}
