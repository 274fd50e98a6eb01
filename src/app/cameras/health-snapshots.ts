import type { HeldTrouble } from '../../core/analytics/health-watch.ts';
import { describeError, toErrorValue } from '../../shared/errors.ts';
import type { EngineHost } from '../engine-host/engine-host.ts';
import type { Log } from '../ports.ts';
import type { HealthPictureFiles } from './health-pictures.ts';

const snapshotLimitMs = 2_000;
/** The engine has pictures of frames that were run, and only for a moment: after so many tries the hour has none. */
const mostTries = 60;

/** How a camera is, as its picture is taken. */
export interface SeenNow {
  readonly hour: number;
  readonly trouble: HeldTrouble | null;
  /** What it shows now is being learnt as normal. */
  readonly learns: boolean;
}

interface Taking {
  /** The hour and the trouble: another one is another picture. */
  readonly of: string;
  tries: number;
  isDone: boolean;
}

/** Takes a picture of each camera once an hour, and when trouble begins or ends. */
export class HealthSnapshots {
  readonly #engine: Pick<EngineHost, 'request'>;
  readonly #files: HealthPictureFiles;
  readonly #log: Log;
  readonly #takings = new Map<string, Taking>();
  readonly #underWay = new Map<string, Promise<void>>();

  constructor(engine: Pick<EngineHost, 'request'>, files: HealthPictureFiles, log: Log) {
    this.#engine = engine;
    this.#files = files;
    this.#log = log;
  }

  /** A result of this picture has come: the engine still has it, if it was run. */
  seen(cameraId: string, capturedAtMs: number, now: SeenNow): void {
    if (this.#underWay.has(cameraId)) return;
    const of = `${String(now.hour)} ${now.trouble?.kind ?? 'well'}`;
    const known = this.#takings.get(cameraId);
    const taking = known?.of === of ? known : { of, tries: 0, isDone: false };
    this.#takings.set(cameraId, taking);
    if (taking.isDone || taking.tries >= mostTries) return;
    taking.tries += 1;
    const work = this.#take(cameraId, capturedAtMs, now)
      .then((isDone) => {
        taking.isDone = isDone;
      })
      .catch((caught: unknown) => {
        this.#log.warn('a picture of what a camera shows was not kept', {
          reason: describeError(toErrorValue(caught)),
        });
      })
      .finally(() => this.#underWay.delete(cameraId));
    this.#underWay.set(cameraId, work);
  }

  forget(cameraId: string): void {
    this.#takings.delete(cameraId);
  }

  async settled(): Promise<void> {
    await Promise.all(this.#underWay.values());
  }

  async #take(cameraId: string, capturedAtMs: number, { hour, trouble, learns }: SeenNow): Promise<boolean> {
    const { jpeg } = await this.#engine.request({ type: 'snapshot', cameraId, capturedAtMs }, snapshotLimitMs);
    if (jpeg === null) return false;
    await this.#files.save(cameraId, 'now', hour, jpeg);
    if (learns && trouble === null && !(await this.#files.has(cameraId, 'accepted', hour))) {
      await this.#files.save(cameraId, 'accepted', hour, jpeg);
    }
    return true;
  }
}
