import { resolve } from 'node:path';
import type { Camera } from '../../shared/domain/camera.ts';
import type { RecordingExport } from '../../shared/domain/recording.ts';
import type { QueueStatus } from '../../shared/domain/system.ts';
import { exportLimitMs } from '../../shared/engine/recordings.ts';
import { NightshiftError } from '../../shared/errors.ts';
import type { EngineHost } from '../engine-host/engine-host.ts';
import { checkTarget, freeName, safeName } from '../reports/report-file.ts';
import { fileTime } from '../reports/report-times.ts';
import { ExportLine } from './export-line.ts';
import { badRange, type FootageStretch, type FootageIndex } from './footage-index.ts';

export interface RecordingExportsDeps {
  readonly engine: Pick<EngineHost, 'request' | 'whenVersions'>;
  readonly index: Pick<FootageIndex, 'closedPieces'>;
  /** Where exports go when nobody says otherwise. */
  readonly reportsDir: string;
  readonly cameras: () => { readonly list: readonly Camera[] };
}

/** The engine gives an export up by itself at its limit, and says so: it is waited for a little longer. */
const answerMs = 10_000;
/** A command that has just been started asks before its engine is there; one that does not come up is not waited for. */
const engineMs = 60_000;

/** Copies stretches of footage into MP4 files: whole, or not there at all; one at a time, each for a limited time. */
export class RecordingExports {
  readonly #deps: RecordingExportsDeps;
  readonly #line = new ExportLine();

  constructor(deps: RecordingExportsDeps) {
    this.#deps = deps;
  }

  queue(): QueueStatus {
    return this.#line.queue();
  }

  /**
   * `file` null: into the reports folder under a name made from camera and time. A stretch of more files than are read at once
   * is refused, never cut short.
   */
  export(request: FootageStretch & { readonly file: string | null }): Promise<RecordingExport> {
    if (request.toMs <= request.fromMs) return Promise.reject(badRange());
    return this.#line.add(() => this.#export(request));
  }

  async #export({
    file: wanted,
    ...stretch
  }: FootageStretch & { readonly file: string | null }): Promise<RecordingExport> {
    const { engine, index, reportsDir, cameras } = this.#deps;
    const { cameraId, fromMs, toMs } = stretch;
    const pieces = await index.closedPieces(stretch);
    if (pieces.length === 0) {
      throw new NightshiftError({
        kind: 'not-found',
        message:
          'Nothing was recorded in this stretch; a minute that is being written can be exported when it is over.',
        where: cameraId,
        hint: 'See what there is with `nightshift recordings list`.',
      });
    }
    const name = cameras().list.find(({ id }) => id === cameraId)?.name ?? cameraId;
    const base = `nightshift-${safeName(name)}-${fileTime(fromMs)}`;
    const target = resolve(wanted ?? (await freeName(reportsDir, base, 'mp4')));
    await checkTarget(target);
    await this.#engineIsThere();
    const request = { type: 'export-recording', pieces, fromMs, toMs, target } as const;
    const exported = await engine.request(request, exportLimitMs + answerMs);
    return { file: target, ...exported };
  }

  async #engineIsThere(): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const missing = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(
          new NightshiftError({
            kind: 'engine-lost',
            message: `The engine has not come up for ${String(engineMs / 1000)} s, so nothing can be exported.`,
            hint: 'It is started again by itself; `nightshift doctor` says what is wrong.',
          }),
        );
      }, engineMs);
    });
    await Promise.race([this.#deps.engine.whenVersions, missing]).finally(() => {
      clearTimeout(timer);
    });
  }
}
