import type { CameraLane } from '../../shared/domain/camera-timeline.ts';
import type { PlaybackControl, PlaybackState } from '../../shared/domain/playback.ts';
import type { CameraRecording, RecordingExport, RecordingGap, RecordingStatus } from '../../shared/domain/recording.ts';
import type { ErrorValue, Result } from '../../shared/errors.ts';
import type { ApplicationState } from './application.svelte.ts';
import { footageAround, gapAt, isToldOf, laneOf, openingWindow } from './camera-lanes.ts';
import type { CameraTimelineState } from './camera-timeline.svelte.ts';
import { windowAround, type TimeWindow } from './time-window.ts';

const refreshMs = 5_000;
/** A gap is told as far as this on either side of a moment. */
const aroundMs = 3_600_000;

/** A moment without footage that was gone to, and why there is none. */
export interface Away {
  readonly atMs: number;
  readonly gap: RecordingGap;
}

/** What is played: a camera, a moment of its footage, and the marked stretch. The timeline says what there is. */
export class Playback {
  readonly #app: ApplicationState;
  readonly #timeline: CameraTimelineState;
  #cameraId = $state<string | null>(null);
  #status = $state.raw<RecordingStatus | null>(null);
  #error = $state.raw<ErrorValue | null>(null);
  #sessionId = $state<string | null>(null);
  #told = $state.raw<PlaybackState | null>(null);
  #away = $state.raw<Away | null>(null);
  /** Asked for, and not told yet. */
  #wantedMs = $state<number | null>(null);
  #speed = $state(1);
  #isPaused = $state(false);
  #markIn = $state<number | null>(null);
  #markOut = $state<number | null>(null);
  #asked = 0;
  #seeks = 0;
  /** What was asked for before the last closing, which may have been that of another camera, is nobody's any more. */
  #closings = 0;
  /** Commands one after the other: the answer of an opening names the player for the next. */
  #commands: Promise<unknown> = Promise.resolve();

  constructor(app: ApplicationState, timeline: CameraTimelineState) {
    this.#app = app;
    this.#timeline = timeline;
  }

  get cameraId(): string | null {
    return this.#cameraId;
  }
  /** What is known of the camera in the timeline's window. */
  get lane(): CameraLane | null {
    return laneOf(this.#timeline.answer, this.#cameraId);
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
  /** What is recorded of the camera; null: not known yet. */
  get recording(): CameraRecording | null {
    return this.#status?.cameras.find(({ cameraId }) => cameraId === this.#cameraId) ?? null;
  }
  get told(): PlaybackState | null {
    return this.#told;
  }
  get away(): Away | null {
    return this.#away;
  }
  get atMs(): number | null {
    return this.#away?.atMs ?? this.#wantedMs ?? this.#told?.atMs ?? null;
  }
  get speed(): number {
    return this.#speed;
  }
  get isPaused(): boolean {
    return this.#sessionId === null || this.#away !== null || this.#isPaused || this.#told?.state === 'end';
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
    void this.refresh();
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

  /** Of another camera the same moment is shown, if any is; else what there is of it. */
  async choose(cameraId: string | null, atMs = this.atMs): Promise<void> {
    if (cameraId !== this.#cameraId) {
      void this.close();
      this.#cameraId = cameraId;
      this.#markIn = null;
      this.#markOut = null;
      if (atMs === null) await this.#openWindow();
    }
    // Meanwhile another one may have been chosen.
    if (cameraId === this.#cameraId && atMs !== null) await this.seek(atMs);
  }

  async refresh(): Promise<void> {
    this.#asked += 1;
    const asked = this.#asked;
    const status = await this.#app.call('recordings.status', undefined);
    if (asked === this.#asked && status.ok) this.#status = status.value;
  }

  /** Goes to a moment and plays on from there, unless it is paused. Where nothing was recorded it says why, and stays. */
  async seek(atMs: number): Promise<void> {
    const nowMs = Date.now();
    this.#wantedMs = atMs;
    const window = windowAround(this.#timeline.window, atMs, nowMs);
    if (window !== this.#timeline.window) this.#timeline.show(window, window.toMs >= nowMs);
    this.#seeks += 1;
    const seek = this.#seeks;
    const gap = isToldOf(this.#timeline.answer, atMs) ? gapAt(this.lane, atMs) : await this.#askGap(atMs);
    if (seek !== this.#seeks) return;
    this.#away = gap === null ? null : { atMs, gap };
    if (gap === null) await this.#command({ atMs, paused: this.#isPaused });
    else if (this.#sessionId !== null) await this.#command({ paused: true });
  }

  toggle(): Promise<void> {
    const start = this.isPaused;
    this.#isPaused = !start;
    if (this.#away !== null) {
      const { afterMs } = footageAround(this.lane, this.#away.atMs);
      return afterMs === null ? Promise.resolve() : this.seek(afterMs);
    }
    if (this.#sessionId !== null) return this.#command({ paused: !start });
    const seen = this.lane?.recorded.find(({ toMs }) => toMs > this.#timeline.window.fromMs);
    const first = seen === undefined ? null : Math.max(seen.fromMs, this.#timeline.window.fromMs);
    return this.seek(this.atMs ?? first ?? this.#timeline.window.fromMs);
  }

  step(by: -1 | 1): Promise<void> {
    if (this.#away !== null) return Promise.resolve();
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
    this.#timeline.refresh();
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
    this.#away = null;
    this.#wantedMs = null;
    this.#error = null;
    this.#seeks += 1;
    this.#closings += 1;
    if (sessionId !== null) await this.#app.call('playback.close', { sessionId });
  }

  #markedRange(): { cameraId: string; fromMs: number; toMs: number } | null {
    const { marked } = this;
    return marked === null || this.#cameraId === null ? null : { cameraId: this.#cameraId, ...marked };
  }

  /** For a moment that the timeline does not show; null also where it is not known. */
  async #askGap(atMs: number): Promise<RecordingGap | null> {
    const cameraId = this.#cameraId;
    if (cameraId === null) return null;
    const around = { fromMs: Math.max(0, atMs - aroundMs), toMs: atMs + aroundMs };
    const answer = await this.#app.call('recordings.coverage', { cameraId, ...around });
    return answer.ok ? (answer.value.gaps.find(({ fromMs, toMs }) => fromMs <= atMs && atMs < toMs) ?? null) : null;
  }

  async #openWindow(): Promise<void> {
    const cameraId = this.#cameraId;
    await this.refresh();
    const { recording } = this;
    const opening = cameraId !== this.#cameraId || recording === null ? null : openingWindow(recording, Date.now());
    if (opening !== null) this.#timeline.show(opening, opening.follows);
  }

  #command(control: Omit<PlaybackControl, 'sessionId'>): Promise<void> {
    const closings = this.#closings;
    const next = this.#commands.then(() => this.#send(control, closings));
    this.#commands = next.catch(() => undefined);
    return next;
  }

  async #send(control: Omit<PlaybackControl, 'sessionId'>, closings: number): Promise<void> {
    const cameraId = this.#cameraId;
    if (cameraId === null || closings !== this.#closings) return;
    const sessionId = this.#sessionId;
    if (sessionId !== null) {
      const answer = await this.#app.call('playback.control', { sessionId, ...control });
      if (closings !== this.#closings) return;
      this.#error = answer.ok ? null : answer.error;
      if (answer.ok) return;
      // It ended meanwhile (nobody watched): it is opened again where it was.
      if (answer.error.kind !== 'not-found') return;
      this.#sessionId = null;
    }
    const atMs = control.atMs ?? this.atMs;
    if (atMs === null) return;
    const opened = await this.#app.call('playback.open', { cameraId, atMs, paused: this.#isPaused });
    if (closings !== this.#closings) {
      // Its pictures would be shown as those of the camera that was chosen meanwhile.
      if (opened.ok) await this.#app.call('playback.close', { sessionId: opened.value.sessionId });
      return;
    }
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
    const before = this.#told?.atMs ?? told.atMs;
    this.#told = told;
    this.#wantedMs = null;
    const { window } = this.#timeline;
    const nowMs = Date.now();
    // It is followed where it plays out of what is seen, and left alone where somebody looks elsewhere.
    const wasSeen = before >= window.fromMs && before <= window.toMs;
    const next = windowAround(window, told.atMs, nowMs);
    if (wasSeen && next !== window && this.#away === null) this.#timeline.show(next, next.toMs >= nowMs);
  }
}
