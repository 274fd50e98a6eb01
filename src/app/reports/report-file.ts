import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReportFormat } from '../../shared/domain/report.ts';
import { NightshiftError } from '../../shared/errors.ts';

/**
 * Whole or not at all: written beside its target under another name, then renamed. Answers the resolved path and the
 * bytes written. A file of that name is replaced, a folder never.
 */
export async function writeReportFile(
  file: string,
  text: AsyncIterable<string>,
): Promise<{ file: string; bytes: number }> {
  const target = resolve(file);
  await checkTarget(target);
  const partial = join(dirname(target), `.${basename(target)}.${randomUUID()}.partial`);
  try {
    await pipeline(Readable.from(text), createWriteStream(partial));
    await rename(partial, target);
    return { file: target, bytes: (await stat(target)).size };
  } catch (caught) {
    await rm(partial, { force: true });
    throw asFileError(caught, target);
  }
}

/** Throws where nothing may be written; a file of that name is replaced, a folder never. */
export async function checkTarget(target: string): Promise<void> {
  const folder = await kindOf(dirname(target));
  if (folder !== 'folder') {
    throw new NightshiftError({
      kind: 'bad-input',
      message: folder === null ? 'The folder for the file does not exist.' : 'It would lie inside a file.',
      where: dirname(target),
      hint: 'Make the folder first, or choose another one.',
    });
  }
  if ((await kindOf(target)) === 'folder') {
    throw new NightshiftError({
      kind: 'bad-input',
      message: 'The file would replace a folder.',
      where: target,
      hint: 'Add a file name to the path.',
    });
  }
}

/** A name that nothing in the folder has yet: `base.csv`, `base-2.csv`, … The folder is made where it does not exist. */
export async function freeName(folder: string, base: string, format: ReportFormat | 'mp4'): Promise<string> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (caught) {
    throw asFileError(caught, folder);
  }
  for (let number = 1; ; number++) {
    const file = join(folder, `${base}${number === 1 ? '' : `-${number}`}.${format}`);
    if ((await kindOf(file)) === null) return file;
  }
}

/** Letters a to z, digits and single hyphens, at most 60: nothing in it can leave the folder or upset a file system. */
export function safeName(words: string): string {
  const plain = words.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
  return (
    plain
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-+/, '')
      .slice(0, 60)
      .replace(/-+$/, '') || 'report'
  );
}

async function kindOf(path: string): Promise<'folder' | 'file' | null> {
  try {
    return (await stat(path)).isDirectory() ? 'folder' : 'file';
  } catch (caught) {
    const code = codeOf(caught);
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw asFileError(caught, path);
  }
}

const codeOf = (caught: unknown): string =>
  caught instanceof Error && 'code' in caught && typeof caught.code === 'string' ? caught.code : '';

function asFileError(caught: unknown, where: string): unknown {
  switch (codeOf(caught)) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new NightshiftError(
        { kind: 'no-space', message: 'The disk is full.', where, hint: 'Free some space, or choose another disk.' },
        { cause: caught },
      );
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new NightshiftError(
        {
          kind: 'no-permission',
          message: 'The report may not be written there.',
          where,
          hint: 'Choose a folder that you may write to.',
        },
        { cause: caught },
      );
    case 'ENAMETOOLONG':
      return new NightshiftError(
        { kind: 'bad-input', message: 'The file name is too long.', where, hint: 'Choose a shorter one.' },
        { cause: caught },
      );
    default:
      return caught;
  }
}
