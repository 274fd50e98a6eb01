import { createReadStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { ReportFormat } from '../../shared/domain/report.ts';
import { exitCode, type ExitCode } from '../exit-code.ts';
import { call, type Session } from '../session.ts';
import type { Terminal } from '../terminal.ts';

export interface ReportOptions {
  readonly format: ReportFormat;
  readonly out: string;
  readonly job?: string;
  readonly camera?: string;
  readonly since?: number;
  readonly until?: number;
}

/** A report of committed rows into a file, or onto stdout with `--out -` (then its figures go to stderr). */
export async function report(session: Session, terminal: Terminal, options: ReportOptions): Promise<ExitCode> {
  const scope = {
    jobId: options.job ?? null,
    cameraId: options.camera ?? null,
    sinceMs: options.since ?? null,
    untilMs: options.until ?? null,
  };
  if (options.out !== '-') {
    const { rows, file, bytes } = await call(session, 'reports.export', {
      scope,
      format: options.format,
      file: resolve(options.out),
    });
    terminal.result({ rows, file, bytes }, () => [`${String(rows)} rows, ${String(bytes)} bytes: ${file}`]);
    return exitCode.done;
  }
  const folder = await mkdtemp(join(tmpdir(), 'nightshift-report-'));
  try {
    const file = join(folder, `report.${options.format}`);
    const { rows } = await call(session, 'reports.export', { scope, format: options.format, file });
    await pipeline(createReadStream(file), process.stdout, { end: false }).catch((caught: unknown) => {
      // `… | head` has seen enough: that is no error.
      if ((caught as NodeJS.ErrnoException).code !== 'EPIPE') throw caught;
    });
    terminal.say(`${String(rows)} rows, ${String((await stat(file)).size)} bytes`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return exitCode.done;
}
