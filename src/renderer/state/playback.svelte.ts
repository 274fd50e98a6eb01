import type { PlaybackControl, PlaybackState } from '../../shared/domain/playback.ts';
import type { RecordingCoverage, RecordingExport, RecordingStatus } from '../../shared/domain/recording.ts';
import type { ErrorValue, Result } from '../../shared/errors.ts';
import type { ApplicationState } from './application.svelte.ts';
import { windowAround } from './footage.ts';
import type { TimeWindow } from './time-window.ts';

const hourMs = 3_600_000;
const refreshMs = 5_000;

/** What is looked at in Playback: a camera, a stretch of its footage, and the player that shows a moment of it. */
export class Playback {
  readonly #app: ApplicationState;
  #cameraId = $state<string | null>(null);
  #window = $state.raw<TimeWindow>({ fromMs: Date.now() - hourMs, toMs: Date.now() });
  #coverage = $state.raw<RecordingCoverage | null>(null);
  #status = $state.raw<RecordingStatus | null>(null);
  #error = $state.raw<ErrorValue | null>(null);
  #sessionId = $state<string | null>(null);
  #told = $state.raw<PlaybackState | null>(null);
  /** Asked for, and not told yet. */
  #wantedMs = $state<number | null>(null);
  #speed = $state(1);
  #isPaused = $state(false);
  #markIn = $state<number | null>(null);
  #markOut = $state<number | null>(null);
  /** The window ends now and goes with it. */
  #follows = true;
  #asked = 0;
  /** Commands one after the other: the answer of an opening names the player for the next. */
  #commands: Promise<unknown> = Promise.resolve();

  constructor(app: ApplicationState) {
    this.#app = app;
  }

  get cameraId(): string | null {
    return this.#cameraId;
  }
  get window(): TimeWindow {
    return this.#window;
  }
  get coverage(): RecordingCoverage | null {
    return this.#coverage;
  }
  get status(): RecordingStatus | null {
    return this.#status;
  }
  get error(): ErrorValue | null {
    return this.#error;
  }
  /** Its pictures come as those of a camera of this id. */
  get sessionId(): string | null {
    return this.#sessionId;
  }
  get told(): PlaybackState | null {
    return this.#told;
  }
  get atMs(): number | null {
    return this.#wantedMs ?? this.#told?.atMs ?? null;
  }
  get speed(): number {
    return this.#speed;
  }
  get isPaused(): boolean {
    return this.#sessionId === null || this.#isPaused || this.#told?.state === 'end';
  }
  get markIn(): number | null {
    return this.#markIn;
  }
  get markOut(): number | null {
    return this.#markOut;
  }
  /** The marked stretch; null: nothing is marked, or the end lies before the beginning. */
  get marked(): TimeWindow | null {
    if (this.#markIn === null || this.#markOut === null || this.#markOut <= this.#markIn) return null;
    return { fromMs: this.#markIn, toMs: this.#markOut };
  }

  start(): () => void {
    const timer = setInterval(() => void this.refresh(), refreshMs);
    const undo = this.#app.onEvent((message) => {
      if (message.event === 'playback.state' && message.payload.sessionId === this.#sessionId)
        this.#take(message.payload);
    });
    return () => {
      clearInterval(timer);
      undo();
      void this.close();
    };
  }

  async choose(cameraId: string | null): Promise<void> {
    if (cameraId === this.#cameraId) return;
    void this.close();
    this.#cameraId = cameraId;
    this.#coverage = null;
    this.#markIn = null;
    this.#markOut = null;
    await this.refresh();
  }

  async refresh(): Promise<void> {
    const cameraId = this.#cameraId;
    if (cameraId === null) return;
    const nowMs = Date.now();
    if (this.#follows) {
      const span = this.#window.toMs - this.#window.fromMs;
      this.#window = { fromMs: nowMs - span, toMs: nowMs };
    }
    this.#asked += 1;
    const asked = this.#asked;
    const answer = await this.#app.call('recordings.coverage', { cameraId, ...this.#window });
    const status = await this.#app.call('recordings.status', undefined);
    if (asked !== this.#asked) return;
    if (answer.ok) this.#coverage = answer.value;
    this.#error = answer.ok ? null : answer.error;
    if (status.ok) this.#status = status.value;
  }

  /** Shows so much, around what is played. */
  async showSpan(spanMs: number): Promise<void> {
    const nowMs = Date.now();
    const middleMs = this.atMs ?? nowMs;
    const toMs = Math.min(nowMs, middleMs + spanMs / 2);
    await this.#show({ fromMs: toMs - spanMs, toMs }, nowMs);
  }

  async pan(share: number): Promise<void> {
    const nowMs = Date.now();
    const span = this.#window.toMs - this.#window.fromMs;
    const toMs = Math.min(nowMs, this.#window.toMs + share * span);
    await this.#show({ fromMs: toMs - span, toMs }, nowMs);
  }

  /** Goes to a moment and plays on from there, unless it is paused. */
  seek(atMs: number): Promise<void> {
    this.#wantedMs = atMs;
    const nowMs = Date.now();
    const window = windowAround(this.#window, atMs, nowMs);
    if (window !== this.#window) void this.#show(window, nowMs);
    return this.#command({ atMs });
  }

  toggle(): Promise<void> {
    const start = this.isPaused;
    this.#isPaused = !start;
    if (this.#sessionId === null)
      return this.seek(this.atMs ?? this.#coverage?.segments[0]?.fromMs ?? this.#window.fromMs);
    return this.#command({ paused: !start });
  }

  step(by: -1 | 1): Promise<void> {
    this.#isPaused = true;
    return this.#command({ step: by });
  }

  jump(byMs: number): Promise<void> {
    const { atMs } = this;
    return atMs === null ? Promise.resolve() : this.seek(Math.min(Date.now(), atMs + byMs));
  }

  setSpeed(speed: number): Promise<void> {
    this.#speed = speed;
    return this.#sessionId === null ? Promise.resolve() : this.#command({ speed });
  }

  mark(edge: 'in' | 'out'): void {
    if (edge === 'in') this.#markIn = this.atMs;
    else this.#markOut = this.atMs;
  }

  async keep(keep: boolean): Promise<Result<void>> {
    const range = this.#markedRange();
    if (range === null) return { ok: true, value: undefined };
    const answer = await this.#app.call(keep ? 'recordings.keep' : 'recordings.unkeep', range);
    await this.refresh();
    return answer;
  }

  async export(file: string | null): Promise<Result<RecordingExport> | null> {
    const range = this.#markedRange();
    return range === null ? null : this.#app.call('recordings.export', { ...range, file });
  }

  async close(): Promise<void> {
    const sessionId = this.#sessionId;
    this.#sessionId = null;
    this.#told = null;
    this.#wantedMs = null;
    if (sessionId !== null) await this.#app.call('playback.close', { sessionId });
  }

  #markedRange(): { cameraId: string; fromMs: number; toMs: number } | null {
    const { marked } = this;
    return marked === null || this.#cameraId === null ? null : { cameraId: this.#cameraId, ...marked };
  }

  async #show(window: TimeWindow, nowMs: number): Promise<void> {
    this.#window = window;
    this.#follows = window.toMs >= nowMs;
    await this.refresh();
  }

  #command(control: Omit<PlaybackControl, 'sessionId'>): Promise<void> {
    const next = this.#commands.then(() => this.#send(control));
    this.#commands = next.catch(() => undefined);
    return next;
  }

  async #send(control: Omit<PlaybackControl, 'sessionId'>): Promise<void> {
    const cameraId = this.#cameraId;
    if (cameraId === null) return;
    const sessionId = this.#sessionId;
    if (sessionId !== null) {
      const answer = await this.#app.call('playback.control', { sessionId, ...control });
      if (answer.ok) return;
      this.#error = answer.error;
      // It ended meanwhile (nobody watched): it is opened again where it was.
      if (answer.error.kind !== 'not-found') return;
      this.#sessionId = null;
    }
    const atMs = control.atMs ?? this.atMs;
    if (atMs === null) return;
    const opened = await this.#app.call('playback.open', { cameraId, atMs, paused: this.#isPaused });
    if (!opened.ok) {
      this.#error = opened.error;
      return;
    }
    this.#error = null;
    this.#sessionId = opened.value.sessionId;
    if (this.#speed !== 1)
      await this.#app.call('playback.control', { sessionId: opened.value.sessionId, speed: this.#speed });
  }

  #take(told: PlaybackState): void {
    this.#told = told;
    this.#wantedMs = null;
    const nowMs = Date.now();
    const window = windowAround(this.#window, told.atMs, nowMs);
    if (window !== this.#window) void this.#show(window, nowMs);
  }
}
