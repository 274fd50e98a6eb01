import type { Clock } from '../../core/ports.ts';
import { gapsBetween, meetsMs, withoutStretch, withStretch } from '../../core/recording/coverage.ts';
import { fewest } from '../../core/timeline/camera-timeline.ts';
import type { CameraFootage, TimeStretch } from '../../shared/domain/camera-timeline.ts';
import type { RecordingCoverage } from '../../shared/domain/recording.ts';
import type { RecordingPiece } from '../../shared/engine/protocol.ts';
import { NightshiftError } from '../../shared/errors.ts';
import type { StoreClient } from '../../store/operations.ts';
import type { RecordingFiles } from './recording-files.ts';
import type { RecordingLogs } from './recording-logs.ts';

export interface FootageIndexDeps {
  readonly store: StoreClient;
  readonly clock: Clock;
  readonly files: Pick<RecordingFiles, 'path'>;
  readonly logs: RecordingLogs;
}

/** About a fortnight of a camera. */
export const mostSegments = 20_000;
/** More pieces than this cannot be told apart on a screen. */
const mostStretches = 400;

export type FootageStretch = TimeStretch & { readonly cameraId: string };

/** What there is of a camera's footage, what is not there and why, and what of it is kept. */
export class FootageIndex {
  readonly #deps: FootageIndexDeps;
  /** One after the other: what is kept is made of what was kept before. */
  #keeping: Promise<unknown> = Promise.resolve();

  constructor(deps: FootageIndexDeps) {
    this.#deps = deps;
  }

  async coverage(request: FootageStretch): Promise<RecordingCoverage> {
    const { store, clock, logs } = this.#deps;
    const nowMs = clock.epochMs();
    const { cameraId, fromMs } = request;
    const toMs = Math.min(request.toMs, nowMs);
    if (toMs <= fromMs) return { cameraId, fromMs, toMs: fromMs, segments: [], gaps: [] };
    await logs.written();
    const { segments, gaps, kept } = await store.call('recordings.range', {
      cameraId,
      fromMs,
      toMs,
      limit: mostSegments,
    });
    if (segments.length === mostSegments) throw tooManyFiles('Ask for a week at a time.');
    const footage = segments.flatMap(({ id, startMs, endMs, bytes, codec, file }) => {
      const isOpen = endMs === null;
      // One that nobody writes any more and nobody has looked at yet has no known end.
      if (isOpen && !logs.isOpen(file)) return [];
      const end = endMs ?? logs.endOfOpen(cameraId, nowMs);
      const isKept = kept.some((stretch) => stretch.fromMs < end && stretch.toMs > startMs);
      return [{ id, fromMs: startMs, toMs: end, bytes, codec, isOpen, isKept }];
    });
    const notes = gaps.map((gap) => ({ ...gap, toMs: gap.toMs ?? nowMs }));
    return { cameraId, fromMs, toMs, segments: footage, gaps: gapsBetween({ fromMs, toMs }, footage, notes) };
  }

  /** The same for a picture of any span: in few pieces, and without a word of each file. */
  async stretches({ cameraId, fromMs, toMs }: FootageStretch): Promise<CameraFootage> {
    const { store, clock, logs } = this.#deps;
    const nowMs = clock.epochMs();
    const range = { fromMs, toMs: Math.min(toMs, nowMs) };
    if (range.toMs <= fromMs) return { recorded: [], gaps: [], kept: [] };
    await logs.written();
    const found = await store.call('recordings.stretches', { cameraId, ...range, meetsMs });
    const growing = found.open
      .filter(({ file }) => logs.isOpen(file))
      .map(({ startMs }) => ({ fromMs: startMs, toMs: Math.max(startMs, logs.endOfOpen(cameraId, nowMs)) }));
    const all = growing.reduce<readonly TimeStretch[]>((joined, piece) => withMeeting(joined, piece), found.stretches);
    const recorded = fewest(all, mostStretches);
    const notes = found.gaps.map((gap) => ({ ...gap, toMs: gap.toMs ?? nowMs }));
    return { recorded, gaps: gapsBetween(range, recorded, notes), kept: found.kept };
  }

  /** The files of a stretch, in order of time; one that is being written ends now. */
  async pieces(
    cameraId: string,
    fromMs: number,
    toMs: number,
    limit = mostSegments,
  ): Promise<readonly RecordingPiece[]> {
    const { store, clock, files, logs } = this.#deps;
    await logs.written();
    const { segments } = await store.call('recordings.range', { cameraId, fromMs, toMs, limit });
    const nowMs = clock.epochMs();
    return segments.flatMap(({ file, startMs, endMs }) =>
      endMs === null && !logs.isOpen(file) ? [] : [{ path: files.path(file), startMs, endMs: endMs ?? nowMs }],
    );
  }

  /** Those of them that are closed. Refused where there are more than are read at once: never cut short. */
  async closedPieces({ cameraId, fromMs, toMs }: FootageStretch): Promise<readonly RecordingPiece[]> {
    const { store, files } = this.#deps;
    const { segments } = await store.call('recordings.range', { cameraId, fromMs, toMs, limit: mostSegments });
    if (segments.length === mostSegments) throw tooManyFiles('Export it in parts, a week at a time.');
    return segments.flatMap(({ file, startMs, endMs }) =>
      endMs === null ? [] : [{ path: files.path(file), startMs, endMs }],
    );
  }

  /** Kept footage is never deleted by retention. */
  keep({ cameraId, fromMs, toMs }: FootageStretch, keep: boolean): Promise<void> {
    if (toMs <= fromMs) return Promise.reject(badRange());
    const done = this.#keeping.then(async () => {
      const kept = await this.#deps.store.call('recordings.kept', { cameraId });
      const stretch = { fromMs, toMs };
      const stretches = keep ? withStretch(kept, stretch) : withoutStretch(kept, stretch);
      await this.#deps.store.call('recordings.setKept', { cameraId, stretches });
    });
    this.#keeping = done.catch(() => undefined);
    return done;
  }
}

/** The file that is being written is the last of all: it goes on where the one before it ended. */
function withMeeting(stretches: readonly TimeStretch[], piece: TimeStretch): readonly TimeStretch[] {
  const last = stretches[stretches.length - 1];
  if (last === undefined || piece.fromMs - last.toMs > meetsMs) return [...stretches, piece];
  return [...stretches.slice(0, -1), { fromMs: last.fromMs, toMs: Math.max(last.toMs, piece.toMs) }];
}

const tooManyFiles = (hint: string): NightshiftError =>
  new NightshiftError({
    kind: 'bad-input',
    message: `There are ${String(mostSegments)} files or more between these moments.`,
    hint,
  });

export const badRange = (): NightshiftError =>
  new NightshiftError({ kind: 'bad-input', message: 'The end must be later than the beginning.' });
