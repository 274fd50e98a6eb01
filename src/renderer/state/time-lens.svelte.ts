import type { ErrorValue, Result } from '../../shared/errors.ts';
import { clampSpan, panned, zoomed, type TimeWindow, type WindowLimits } from './time-window.ts';

export interface LensOptions<T> {
  readonly firstSpanMs: number;
  readonly limits: WindowLimits;
  readonly ask: (window: TimeWindow) => Promise<Result<T>>;
  /** How long an answer stays good enough while the window follows the present. */
  readonly refreshMs: (spanMs: number) => number;
  /** While it follows the present it is zoomed around the present; true: around the pointer even then. */
  readonly leavesPresent?: boolean;
}

/** Wheel and drag come in bursts; the drawing follows each of them, the host is asked once they pause. */
const restMs = 60;
const failedMs = 3_000;
/** What is older than this is told as it will stay. */
const settledMs = 10_000;

const spanUntil = (toMs: number, spanMs: number): TimeWindow => ({ fromMs: toMs - spanMs, toMs });
const middleOf = (window: TimeWindow): number => (window.fromMs + window.toMs) / 2;

/** A window on the time axis that is moved and zoomed, and what the host tells of it: asked for again as it moves. */
export class TimeLens<T> {
  readonly #options: LensOptions<T>;
  #window = $state.raw<TimeWindow>({ fromMs: 0, toMs: 0 });
  #follows = $state(true);
  #answer = $state.raw<T | null>(null);
  #error = $state.raw<ErrorValue | null>(null);
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isAsking = false;
  #isStale = false;
  #isClosed = false;

  constructor(options: LensOptions<T>) {
    this.#options = options;
    this.#window = spanUntil(Date.now(), options.firstSpanMs);
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
  get answer(): T | null {
    return this.#answer;
  }
  /** Why the picture is old, or missing; null when the newest question was answered. */
  get error(): ErrorValue | null {
    return this.#error;
  }

  start(): () => void {
    void this.#ask();
    return () => {
      this.#isClosed = true;
      clearTimeout(this.#timer);
    };
  }

  /** Around `anchorMs`, else around the middle, or the present where that is followed. */
  zoom(factor: number, anchorMs?: number): void {
    const nowMs = Date.now();
    const { limits, leavesPresent } = this.#options;
    if (this.#follows && (anchorMs === undefined || leavesPresent !== true)) {
      this.#show(spanUntil(nowMs, clampSpan(this.spanMs * factor, limits)), true);
      return;
    }
    const next = zoomed(this.#window, factor, anchorMs ?? middleOf(this.#window), nowMs, limits);
    this.#show(next, this.#follows && next.toMs >= nowMs);
  }

  /** `share` of what is seen, to the right; < 0: into the past. */
  pan(share: number): void {
    const nowMs = Date.now();
    const wanted = this.#window.toMs + share * this.spanMs;
    this.#show(panned(this.#window, share * this.spanMs, nowMs, this.#options.limits), share > 0 && wanted >= nowMs);
  }

  followNow(): void {
    this.#show(spanUntil(Date.now(), this.spanMs), true);
  }

  stay(): void {
    this.#show(this.#window);
  }

  setSpan(spanMs: number): void {
    const end = this.#follows ? Date.now() : Math.min(Date.now(), middleOf(this.#window) + spanMs / 2);
    this.#show(spanUntil(end, clampSpan(spanMs, this.#options.limits)), this.#follows);
  }

  /** Looks at this; `follows`: and on from there with the present. */
  show(window: TimeWindow, follows = false): void {
    this.#show(window, follows);
  }

  /** What was told has changed. */
  refresh(): void {
    this.#isStale = true;
    this.#again(0);
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
    const answer = await this.#options.ask(window);
    this.#isAsking = false;
    if (this.#isClosed) return;
    if (answer.ok) {
      this.#answer = answer.value;
      this.#error = null;
    } else {
      this.#error = answer.error;
    }
    // The window moves together with what is in it: no empty edge that fills later.
    if (this.#follows && !this.#isStale) this.#window = spanUntil(window.toMs, this.spanMs);
    if (this.#isStale) this.#again(restMs);
    else if (!answer.ok) this.#again(failedMs);
    // The past does not change any more.
    else if (this.#follows || window.toMs > Date.now() - settledMs) this.#again(this.#options.refreshMs(this.spanMs));
  }
}
