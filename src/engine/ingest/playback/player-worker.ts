import { receiveMessageOnPort, type MessagePort } from 'node:worker_threads';
import type { PlayCommand, PlayProgress } from '../../../shared/engine/protocol.ts';
import { machineClock } from '../clock.ts';
import type { ControlBlock } from '../control-block.ts';
import { JpegEncoder } from '../jpeg-encoder.ts';
import { Stopped } from '../live-source.ts';
import { Footage, type FootageFrame } from './footage.ts';
import type { FromPlayer, ToPlayer } from './player-messages.ts';

export interface PlayerSettings {
  readonly maxPixels: number;
  readonly maxWidth: number;
  readonly maxFps: number;
}

/** Pictures that the main thread has not taken yet. */
const mostWaiting = 2;
/** Further behind than this it leaves pictures out and goes on at a keyframe. */
const behindMs = 400;
/** How often it says where it is. */
const progressMs = 250;
/** A keyframe that was looked for in vain is not looked for again before so much later footage. */
const noSkipMs = 10_000;

type Playing = { readonly fromMonoMs: number; readonly fromMs: number; readonly speed: number };

/**
 * Plays recorded files for one viewer, on a thread of its own: at the wanted speed as far as decoding allows, and where
 * it does not, from keyframe to keyframe. Ends when it is told to.
 */
export class PlayerWorker {
  readonly #port: MessagePort;
  readonly #control: ControlBlock;
  readonly #footage: Footage;
  readonly #encoder: JpegEncoder;
  readonly #stepMs: number;
  #command: PlayCommand | null = null;
  /** Null: nothing moves. */
  #playing: Playing | null = null;
  #atMs = 0;
  #noSkipUntilMs = 0;
  #shownMonoMs = -Infinity;
  #toldMonoMs = -Infinity;

  constructor(port: MessagePort, control: ControlBlock, settings: PlayerSettings) {
    this.#port = port;
    this.#control = control;
    this.#footage = new Footage(settings.maxPixels);
    this.#encoder = new JpegEncoder(settings.maxWidth);
    this.#stepMs = 1000 / settings.maxFps;
  }

  run(): void {
    try {
      for (;;) {
        const seen = this.#control.wakes;
        this.#hear();
        const command = this.#command;
        this.#command = null;
        if (command !== null) this.#obey(command);
        else if (this.#playing !== null) this.#playOn(this.#playing);
        else this.#control.sleep(seen);
      }
    } catch (caught) {
      if (!(caught instanceof Stopped)) throw caught;
    } finally {
      this.#footage.close();
      this.#encoder.close();
    }
  }

  #obey({ atMs, speed, paused, step }: PlayCommand): void {
    if (step !== 0) {
      this.#playing = null;
      const frame = step > 0 ? this.#footage.next() : this.#footage.before(this.#atMs);
      if (frame === null) this.#gap(this.#atMs);
      else this.#pausedAt(frame);
      return;
    }
    if (atMs !== null) {
      this.#noSkipUntilMs = 0;
      const frame = this.#footage.at(atMs);
      if (frame === null) {
        this.#playing = null;
        this.#gap(atMs);
        return;
      }
      this.#atMs = Math.max(frame.atMs, atMs);
      this.#show(frame);
    }
    this.#playing = paused ? null : { fromMonoMs: machineClock.monoMs(), fromMs: this.#atMs, speed };
    this.#tell({ state: paused ? 'paused' : 'playing', atMs: this.#atMs, nextMs: null });
  }

  #playOn(playing: Playing): void {
    const frame = this.#footage.next();
    if (frame === null) {
      this.#playing = null;
      this.#gap(this.#atMs);
      return;
    }
    const dueMonoMs = playing.fromMonoMs + (frame.atMs - playing.fromMs) / playing.speed;
    if (!this.#waitUntil(dueMonoMs)) {
      this.#footage.putBack(frame);
      return;
    }
    const lateMs = machineClock.monoMs() - dueMonoMs;
    this.#atMs = frame.atMs;
    if (this.#mayShow) this.#show(frame);
    if (lateMs > behindMs) this.#catchUp(playing, lateMs);
    this.#tellNowAndThen();
  }

  /** Leaves out what lies behind; where no keyframe lies further on, time waits for the pictures. */
  #catchUp(playing: Playing, lateMs: number): void {
    const fromMs = this.#atMs;
    const next = fromMs < this.#noSkipUntilMs ? null : this.#footage.skip(fromMs, fromMs + lateMs * playing.speed);
    if (next !== null) {
      this.#atMs = next.atMs;
      this.#show(next);
    } else {
      this.#noSkipUntilMs = Math.max(this.#noSkipUntilMs, fromMs + noSkipMs);
    }
    this.#playing = { ...playing, fromMonoMs: machineClock.monoMs(), fromMs: this.#atMs };
  }

  /** False: something was said meanwhile, and this picture is not shown. */
  #waitUntil(monoMs: number): boolean {
    for (;;) {
      const seen = this.#control.wakes;
      this.#hear();
      if (this.#command !== null) return false;
      const leftMs = monoMs - machineClock.monoMs();
      if (leftMs <= 0) return true;
      this.#control.sleep(seen, leftMs);
    }
  }

  get #mayShow(): boolean {
    const sinceMs = machineClock.monoMs() - this.#shownMonoMs;
    return sinceMs >= this.#stepMs - 1 && this.#control.picturesWaiting < mostWaiting;
  }

  #show({ frame, atMs }: FootageFrame): void {
    const preview = this.#encoder.encode(frame);
    this.#shownMonoMs = machineClock.monoMs();
    this.#control.pictureSent();
    const message: FromPlayer = { type: 'picture', capturedAtMs: Math.round(atMs), preview };
    this.#port.postMessage(message, [preview.jpeg.buffer]);
  }

  #pausedAt(frame: FootageFrame): void {
    this.#atMs = frame.atMs;
    this.#show(frame);
    this.#tell({ state: 'paused', atMs: frame.atMs, nextMs: null });
  }

  #gap(atMs: number): void {
    this.#atMs = atMs;
    this.#tell({ state: 'gap', atMs, nextMs: this.#footage.nextStart(atMs) });
  }

  #tellNowAndThen(): void {
    if (machineClock.monoMs() - this.#toldMonoMs < progressMs) return;
    this.#tell({ state: 'playing', atMs: this.#atMs, nextMs: null });
  }

  #tell(progress: PlayProgress): void {
    this.#toldMonoMs = machineClock.monoMs();
    this.#port.postMessage({ type: 'progress', progress } satisfies FromPlayer);
  }

  #hear(): void {
    if (this.#control.stopped) throw new Stopped();
    for (let heard = receiveMessageOnPort(this.#port); heard !== undefined; heard = receiveMessageOnPort(this.#port)) {
      const message = heard.message as ToPlayer;
      if (message.type === 'footage') this.#footage.know(message.pieces);
      else this.#command = joined(this.#command, message.command);
    }
  }
}

/** Of commands that came together the last one counts, but a moment to go to is not forgotten. */
function joined(before: PlayCommand | null, command: PlayCommand): PlayCommand {
  return before === null || command.step !== 0 || command.atMs !== null ? command : { ...command, atMs: before.atMs };
}
