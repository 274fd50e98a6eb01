import { groupOf } from '../../core/jobs/refresh-groups.ts';
import type { Clock } from '../../core/ports.ts';
import { fittedInput } from '../../shared/domain/fitted-input.ts';
import type { LaneName } from '../../shared/domain/lanes.ts';
import type { InputSize } from '../../shared/domain/model.ts';
import type { FromEngine, LostFrames, Ticket, ToEngine } from '../../shared/engine/protocol.ts';
import { jpegStart, type EngineScript, type ShownFrame } from './engine-script.ts';

type FeedPicture = Extract<ToEngine, { type: 'feed-picture' }>;

/** `fits`: the input it is letterboxed into; one handed in as bytes has none here. */
interface HeldFrame {
  readonly ticket: Ticket;
  readonly shown: ShownFrame;
  readonly fits?: InputSize;
  readonly jobId?: string;
}

/** Of a source with the motion gate: the frame whose result its unchanged frames take. */
export interface GateState {
  taken: number | null;
}

const SOURCE = { sourceWidth: 640, sourceHeight: 480, motion: null } as const;

/** What a scripted engine has decoded: frames that it holds, and what it has not told yet. */
export class ScriptedFrames {
  readonly held = new Map<number, HeldFrame>();
  readonly #clock: Clock;
  readonly #script: EngineScript;
  #tickets: Ticket[] = [];
  #lost: LostFrames[] = [];
  #news: FromEngine[] = [];
  #nextFrameId = 1;

  constructor(clock: Clock, script: EngineScript) {
    this.#clock = clock;
    this.#script = script;
  }

  get hasTickets(): boolean {
    return this.#tickets.length > 0 || this.#lost.length > 0;
  }

  takeTickets(): { tickets: Ticket[]; lost: LostFrames[] } {
    return { tickets: this.#tickets.splice(0), lost: this.#lost.splice(0) };
  }

  takeNews(): FromEngine[] {
    return this.#news.splice(0);
  }

  addNews(news: FromEngine): void {
    this.#news.push(news);
  }

  announce(
    lane: LaneName,
    source: string,
    shown: ShownFrame,
    timeMs: number,
    { input, multipleOf, jobId }: { readonly input: InputSize; readonly multipleOf: number; readonly jobId?: string },
  ): void {
    const frameId = this.#nextFrameId++;
    const { width: sourceWidth, height: sourceHeight } = this.#script.size(shown.source);
    const times = { timeMs, ...this.#captured() };
    const ticket = { frameId, lane, source, frame: shown.frame, ...times, sourceWidth, sourceHeight, motion: null };
    const fits = fittedInput(input, sourceWidth, sourceHeight, multipleOf);
    this.held.set(frameId, { ticket, shown, fits, ...(jobId === undefined ? {} : { jobId }) });
    this.#tickets.push(ticket);
  }

  /** A picture from memory. */
  picture({ lane, source, frame, bytes, capturedMonoMs, capturedAtMs, deadlineMonoMs }: FeedPicture): void {
    const text = new TextDecoder().decode(bytes.subarray(jpegStart.length));
    const isLate = deadlineMonoMs !== null && this.#clock.monoMs() >= deadlineMonoMs;
    const failure = isLate ? ({ kind: 'timed-out', reason: 'late' } as const) : this.#script.picture(text);
    if (failure !== null) {
      this.#news.push({ type: 'picture-failed', source, frame, ...failure });
      return;
    }
    const frameId = this.#nextFrameId++;
    const times = { timeMs: 0, capturedMonoMs, capturedAtMs };
    const deadline = deadlineMonoMs === null ? {} : { deadlineMonoMs };
    const ticket: Ticket = { frameId, lane, source, frame, ...times, ...SOURCE, ...deadline };
    this.held.set(frameId, { ticket, shown: { source: text, frame } });
    this.#tickets.push(ticket);
  }

  /** Tells the frame as unchanged where it is. The first of a group never is. */
  isUnchanged(lane: LaneName, source: string, shown: ShownFrame, { taken }: GateState, timeMs: number): boolean {
    const { frame } = shown;
    if (taken === null || groupOf(taken) !== groupOf(frame) || !this.#script.unchanged(shown)) return false;
    const seen = { lane, source, frame, timeMs, ...this.#captured(), ...SOURCE, sameAs: taken };
    this.#news.push({ type: 'unchanged', frames: [{ ...seen, motion: 0 }] });
    return true;
  }

  /** A frame for which there was no buffer. */
  lose(source: string): void {
    this.#lost.push({ source, reason: 'no-buffer', count: 1, capturedAtMs: [this.#clock.epochMs()] });
  }

  heldOf(source: string): number {
    let held = 0;
    for (const { ticket } of this.held.values()) held += ticket.source === source ? 1 : 0;
    return held;
  }

  /** Decoded frames of items; pictures from memory have no part in the window. */
  heldByJob(): Map<string, number> {
    const frames = new Map<string, number>();
    for (const { jobId } of this.held.values()) {
      if (jobId !== undefined) frames.set(jobId, (frames.get(jobId) ?? 0) + 1);
    }
    return frames;
  }

  dropItem(item: string): void {
    this.#tickets = this.#tickets.filter((ticket) => ticket.source !== item || ticket.lane === 'live');
    for (const [frameId, { ticket }] of this.held) {
      if (ticket.lane === 'archive' && ticket.source === item) this.held.delete(frameId);
    }
  }

  #captured(): Pick<Ticket, 'capturedMonoMs' | 'capturedAtMs'> {
    return { capturedMonoMs: this.#clock.monoMs(), capturedAtMs: this.#clock.epochMs() };
  }
}
