import type { RunRecord, Timeline } from '../../shared/domain/timeline.ts';
import type { ErrorValue } from '../../shared/errors.ts';
import type { ApplicationState } from './application.svelte.ts';
import { clampSpan, panned, questionFor, refreshMs, zoomed, type TimeWindow } from './time-window.ts';

const firstSpanMs = 10_000;
/** Wheel and drag come in bursts; the drawing follows each of them, the host is asked once they pause. */
const restMs = 60;
const failedMs = 3_000;
/** What is older than this is told as it will stay. */
const settledMs = 10_000;

const spanUntil = (toMs: number, spanMs: number): TimeWindow => ({ fromMs: toMs - spanMs, toMs });
const middleOf = (window: TimeWindow): number => (window.fromMs + window.toMs) / 2;

/** What the device did in the window that is looked at: asked for again as the window moves. */
export class TimelineState {
  readonly #app: ApplicationState;
  #window = $state.raw<TimeWindow>(spanUntil(Date.now(), firstSpanMs));
  #follows = $state(true);
  #timeline = $state.raw<Timeline | null>(null);
  #error = $state.raw<ErrorValue | null>(null);
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isAsking = false;
  #isStale = false;
  #isClosed = false;

  constructor(app: ApplicationState) {
    this.#app = app;
  }

  get window(): TimeWindow {
    return this.#window;
  }
  get spanMs(): number {
    return this.#window.toMs - this.#window.fromMs;
  }
  /** The end of the window is the present. */
  get follows(): boolean {
    return this.#follows;
  }
  /** Of an earlier window while the new one is on its way. */
  get timeline(): Timeline | null {
    return this.#timeline;
  }
  /** Why the picture is old, or missing; null when the newest question was answered. */
  get error(): ErrorValue | null {
    return this.#error;
  }
  /** Single runs, oldest first; empty where there are too many of them. */
  get runs(): readonly RunRecord[] {
    return this.#timeline?.runs ?? [];
  }

  start(): () => void {
    void this.#ask();
    return () => {
      this.#isClosed = true;
      clearTimeout(this.#timer);
    };
  }

  /** Around `anchorMs`; while it follows the present, around the present. */
  zoom(factor: number, anchorMs?: number): void {
    const nowMs = Date.now();
    if (this.#follows) this.#show(spanUntil(nowMs, clampSpan(this.spanMs * factor)), true);
    else this.#show(zoomed(this.#window, factor, anchorMs ?? middleOf(this.#window), nowMs));
  }

  /** `share` of what is seen, to the right; < 0: into the past. */
  pan(share: number): void {
    const nowMs = Date.now();
    const wanted = this.#window.toMs + share * this.spanMs;
    this.#show(panned(this.#window, share * this.spanMs, nowMs), share > 0 && wanted >= nowMs);
  }

  followNow(): void {
    this.#show(spanUntil(Date.now(), this.spanMs), true);
  }

  stay(): void {
    this.#show(this.#window);
  }

  setSpan(spanMs: number): void {
    const end = this.#follows ? Date.now() : Math.min(Date.now(), middleOf(this.#window) + spanMs / 2);
    this.#show(spanUntil(end, clampSpan(spanMs)), this.#follows);
  }

  #show(window: TimeWindow, follows = false): void {
    this.#window = window;
    this.#follows = follows;
    // An answer that is on its way is of another window: it must not put off the next question.
    this.#isStale = true;
    this.#again(restMs);
  }

  #again(inMs: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      void this.#ask();
    }, inMs);
  }

  async #ask(): Promise<void> {
    if (this.#isAsking) return;
    this.#isAsking = true;
    this.#isStale = false;
    const window = this.#follows ? spanUntil(Date.now(), this.spanMs) : this.#window;
    const answer = await this.#app.call('lanes.timeline', questionFor(window));
    this.#isAsking = false;
    if (this.#isClosed) return;
    if (answer.ok) {
      this.#timeline = answer.value;
      this.#error = null;
    } else {
      this.#error = answer.error;
    }
    // The window moves together with what is in it: no empty edge that fills later.
    if (this.#follows && !this.#isStale) this.#window = spanUntil(window.toMs, this.spanMs);
    if (this.#isStale) this.#again(restMs);
    else if (!answer.ok) this.#again(failedMs);
    // The past does not change any more.
    else if (this.#follows || window.toMs > Date.now() - settledMs) this.#again(refreshMs(this.spanMs));
  }
}
