import { randomUUID } from 'node:crypto';
import type { Clock } from '../../core/ports.ts';
import type { RecordingGap } from '../../shared/domain/recording.ts';
import type { PlaybackControl, PlaybackState } from '../../shared/domain/playback.ts';
import type { PlayCommand, PlayProgress, RecordingPiece } from '../../shared/engine/protocol.ts';
import { NightshiftError } from '../../shared/errors.ts';
import type { EngineHost } from '../engine-host/engine-host.ts';
import type { EventBus } from '../event-bus.ts';
import type { FootageIndex } from './footage-index.ts';

export interface PlaybackServiceDeps {
  readonly engine: Pick<EngineHost, 'send'>;
  readonly footage: Pick<FootageIndex, 'pieces' | 'coverage'>;
  readonly bus: EventBus;
  readonly clock: Clock;
}

interface Session {
  readonly id: string;
  readonly cameraId: string;
  speed: number;
  isPaused: boolean;
  atMs: number;
  /** The engine knows the files of this stretch. */
  known: { readonly fromMs: number; readonly toMs: number };
  /** Waits to go on behind a gap, or to be closed for lack of viewers. */
  gapTimer: ReturnType<typeof setTimeout> | null;
  idleTimer: ReturnType<typeof setTimeout> | null;
}

/** Each has a thread of its own in the engine. */
const mostSessions = 4;
/** Files around the moment that the engine is told of; more before they have been played. */
const aroundMs = 3_600_000;
const aheadMs = 120_000;
/** Long enough to read why there is nothing. */
const gapShownMs = 1_500;
/** A viewer that reloads comes back within this. */
const idleMs = 10_000;
/** A file that is being written grows by a fragment a second: at the end of all footage it is looked at again. */
const growsMs = 3_000;
/** A camera with few pictures, or one that has just gone silent, lets its file grow later than that: it is waited for. */
const growthMs = 500;
/** Behind a gap only the next file is looked for; files that an engine left unfinished may stand before it. */
const nextPieces = 32;

/** Recorded footage on its way to viewers: what is played where, and what happens at gaps. */
export class PlaybackService {
  readonly #deps: PlaybackServiceDeps;
  readonly #sessions = new Map<string, Session>();

  constructor(deps: PlaybackServiceDeps) {
    this.#deps = deps;
  }

  /** Pictures come over the media path under the session's id as that of a camera; without a viewer it is closed. */
  async open(request: { cameraId: string; atMs: number; paused: boolean }): Promise<{ sessionId: string }> {
    if (this.#sessions.size >= mostSessions) {
      throw new NightshiftError({
        kind: 'conflict',
        message: `${String(mostSessions)} recordings are being played already.`,
        hint: 'Close one of them first.',
      });
    }
    const { cameraId, atMs, paused } = request;
    const session: Session = {
      id: `playback:${randomUUID().slice(0, 8)}`,
      cameraId,
      speed: 1,
      isPaused: paused,
      atMs,
      known: { fromMs: atMs, toMs: atMs },
      gapTimer: null,
      idleTimer: null,
    };
    this.#sessions.set(session.id, session);
    this.#watchIdle(session);
    await this.#go(session, { atMs, speed: 1, paused, step: 0 });
    return { sessionId: session.id };
  }

  async control({ sessionId, atMs, speed, paused, step }: PlaybackControl): Promise<void> {
    const session = this.#session(sessionId);
    if (session.gapTimer !== null) clearTimeout(session.gapTimer);
    session.gapTimer = null;
    session.speed = speed ?? session.speed;
    session.isPaused = (paused ?? session.isPaused) || (step ?? 0) !== 0;
    if (atMs !== undefined) session.atMs = atMs;
    await this.#go(session, {
      atMs: atMs ?? null,
      speed: session.speed,
      paused: session.isPaused,
      step: step ?? 0,
    });
  }

  close(sessionId: string): void {
    const session = this.#sessions.get(sessionId);
    if (session === undefined) return;
    this.#sessions.delete(sessionId);
    for (const timer of [session.gapTimer, session.idleTimer]) if (timer !== null) clearTimeout(timer);
    this.#deps.engine.send({ type: 'stop-playing', session: sessionId });
  }

  closeAll(): void {
    for (const id of [...this.#sessions.keys()]) this.close(id);
  }

  /** True: it was one of ours. A session nobody watches ends. */
  watchChanged(id: string, maxFps: number): boolean {
    const session = this.#sessions.get(id);
    if (session === undefined) return id.startsWith('playback:');
    if (session.idleTimer !== null) clearTimeout(session.idleTimer);
    session.idleTimer = null;
    if (maxFps === 0) this.#watchIdle(session);
    return true;
  }

  /** A new engine plays on where the old one was. */
  engineIsReady(): void {
    for (const session of this.#sessions.values()) {
      session.known = { fromMs: session.atMs, toMs: session.atMs };
      const { atMs, speed, isPaused: paused } = session;
      this.#meanwhile(session, this.#go(session, { atMs, speed, paused, step: 0 }));
    }
  }

  message(id: string, progress: PlayProgress): void {
    const session = this.#sessions.get(id);
    if (session === undefined) return;
    session.atMs = progress.atMs;
    if (progress.state === 'gap') {
      this.#meanwhile(session, this.#gap(session, progress));
      return;
    }
    this.#tell(session, progress.state, null);
    if (progress.state === 'playing' && progress.atMs + aheadMs * session.speed > session.known.toMs) {
      this.#meanwhile(session, this.#go(session, null));
    }
  }

  /** What nobody waits for. Where the store does not answer it cannot go on, and ends. */
  #meanwhile(session: Session, done: Promise<void>): void {
    done.catch(() => {
      this.close(session.id);
    });
  }

  /** Says why there is nothing, and goes on behind it by itself where it was playing. */
  async #gap(session: Session, { atMs }: PlayProgress): Promise<void> {
    const nowMs = this.#deps.clock.epochMs();
    const after = await this.#deps.footage.pieces(session.cameraId, atMs, nowMs, nextPieces);
    const nextMs = after.find(({ startMs }) => startMs > atMs)?.startMs ?? null;
    // Only of one that is being written: a whole file of a camera with a picture in ten seconds ends that much later, too.
    const growing = after.find(({ startMs, endMs }) => startMs <= atMs && endMs > atMs + growsMs && endMs >= nowMs);
    const gap = await this.#gapAt(session.cameraId, atMs, nextMs ?? nowMs);
    if (!this.#sessions.has(session.id) || session.atMs !== atMs) return;
    const isEnd = nextMs === null && growing === undefined;
    this.#tell(session, session.isPaused ? 'paused' : isEnd ? 'end' : 'gap', gap);
    if (session.isPaused || isEnd) return;
    session.gapTimer = setTimeout(
      () => {
        session.gapTimer = null;
        session.known = { fromMs: atMs, toMs: atMs };
        const next = growing === undefined ? (nextMs ?? atMs) : atMs + 1;
        this.#meanwhile(session, this.#go(session, { atMs: next, speed: session.speed, paused: false, step: 0 }));
      },
      growing === undefined ? gapShownMs : growthMs,
    );
  }

  async #gapAt(cameraId: string, atMs: number, untilMs: number): Promise<RecordingGap | null> {
    const toMs = Math.max(untilMs, atMs + 1);
    const { gaps } = await this.#deps.footage.coverage({ cameraId, fromMs: atMs, toMs });
    return gaps[0] ?? null;
  }

  /** Tells the engine what to do, and of which files where it does not know them. */
  async #go(session: Session, command: PlayCommand | null): Promise<void> {
    const { engine, footage, clock } = this.#deps;
    const atMs = command?.atMs ?? session.atMs;
    const { known } = session;
    const knows = atMs >= known.fromMs && atMs + aheadMs * session.speed <= known.toMs;
    let pieces: readonly RecordingPiece[] | undefined;
    if (!knows) {
      const fromMs = atMs - aroundMs;
      const toMs = atMs + aroundMs * Math.max(1, session.speed);
      pieces = await footage.pieces(session.cameraId, fromMs, toMs);
      // What is still to come is asked for again.
      session.known = { fromMs, toMs: Math.min(toMs, clock.epochMs() - aheadMs) };
    }
    if (!this.#sessions.has(session.id)) return;
    engine.send({
      type: 'play-recording',
      session: session.id,
      command,
      ...(pieces === undefined ? {} : { pieces }),
    });
  }

  #tell(session: Session, state: PlaybackState['state'], gap: RecordingGap | null): void {
    const { id: sessionId, cameraId, atMs, speed } = session;
    this.#deps.bus.emit('playback.state', { sessionId, cameraId, atMs, speed, state, gap });
  }

  #watchIdle(session: Session): void {
    session.idleTimer = setTimeout(() => {
      this.close(session.id);
    }, idleMs);
  }

  #session(id: string): Session {
    const session = this.#sessions.get(id);
    if (session !== undefined) return session;
    throw new NightshiftError({
      kind: 'not-found',
      message: 'This playback has ended.',
      where: id,
      hint: 'Open it again.',
    });
  }
}
