import { resolve } from 'node:path';
import { gapWords } from '../../shared/domain/recording.ts';
import { shedText } from '../../shared/domain/repair.ts';
import { exitCode, type ExitCode } from '../exit-code.ts';
import { call, type Session } from '../session.ts';
import type { Terminal } from '../terminal.ts';

export interface RecordingsRange {
  readonly camera: string;
  readonly since?: number;
  readonly until?: number;
}

const dayMs = 86_400_000;
const when = (ms: number): string => new Date(ms).toISOString();

/** What there is of one camera, by default of the last day; without a camera, how much there is of each. */
export async function listRecordings(
  session: Session,
  terminal: Terminal,
  options: Partial<RecordingsRange>,
): Promise<ExitCode> {
  if (options.camera === undefined) {
    const status = await call(session, 'recordings.status', undefined);
    terminal.result(status, () =>
      status.cameras.map((camera) => {
        const mib = (camera.bytes / 2 ** 20).toFixed(1);
        const why = camera.reason === null ? camera.state : `${camera.state} (${gapWords[camera.reason]})`;
        const since = camera.oldestMs === null ? 'nothing yet' : `${mib} MiB since ${when(camera.oldestMs)}`;
        const shed = camera.repair.shed === 0 ? '' : `; ${shedText(camera.repair)}`;
        return `${camera.cameraId}: ${camera.name}: ${camera.mode}, ${why}, ${since}${shed}`;
      }),
    );
    return exitCode.done;
  }
  const coverage = await call(session, 'recordings.coverage', { ...rangeOf(options.camera, options) });
  terminal.result(coverage, () => {
    const lines = [
      ...coverage.segments.map(({ fromMs, toMs, bytes, isKept }) => ({
        fromMs,
        text: `${when(fromMs)} to ${when(toMs)}: recorded, ${String(bytes)} bytes${isKept ? ', kept' : ''}`,
      })),
      ...coverage.gaps.map(({ fromMs, toMs, reason }) => ({
        fromMs,
        text: `${when(fromMs)} to ${when(toMs)}: not recorded: ${gapWords[reason]}`,
      })),
    ];
    return lines.sort((a, b) => a.fromMs - b.fromMs).map(({ text }) => text);
  });
  return exitCode.done;
}

/** Copies a stretch into one MP4 file; says what is really in it. */
export async function exportRecordings(
  session: Session,
  terminal: Terminal,
  options: RecordingsRange & { readonly out: string },
): Promise<ExitCode> {
  const file = resolve(options.out);
  const exported = await call(session, 'recordings.export', { ...rangeOf(options.camera, options), file });
  terminal.result(exported, () => [
    `${String(exported.bytes)} bytes, ${(exported.durationMs / 1000).toFixed(1)} s: ${exported.file}`,
    ...exported.ranges.map(({ fromMs, toMs }) => `${when(fromMs)} to ${when(toMs)}`),
  ]);
  return exitCode.done;
}

function rangeOf(
  cameraId: string,
  { since, until }: Partial<RecordingsRange>,
): { cameraId: string; fromMs: number; toMs: number } {
  const toMs = until ?? Date.now();
  return { cameraId, fromMs: since ?? toMs - dayMs, toMs };
}
