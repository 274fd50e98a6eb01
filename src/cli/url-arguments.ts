import { readFile } from 'node:fs/promises';
import { text as textOf } from 'node:stream/consumers';
import { readCameraUrl } from '../app/cameras/camera-url.ts';
import { NightshiftError } from '../shared/errors.ts';
import type { Terminal } from './terminal.ts';

/** More cameras than any machine analyses. */
const mostUrls = 1_000;

/**
 * Addresses of sources, one a line; empty lines and those that begin with `#` are passed over. @param file `-`: standard
 * input. @throws NightshiftError where there are none
 */
export async function readUrls(file: string, input: NodeJS.ReadableStream = process.stdin): Promise<readonly string[]> {
  const text = file === '-' ? await textOf(input) : await readFile(file, 'utf8').catch(unreadable(file));
  const urls = text.split(/\r\n|\r|\n/).flatMap((line) => (/^\s*(#|$)/.test(line) ? [] : [line.trim()]));
  const where = file === '-' ? 'standard input' : file;
  if (urls.length === 0) {
    throw new NightshiftError({ kind: 'bad-input', message: 'There is no address in it.', where, hint: 'One a line.' });
  }
  if (urls.length > mostUrls) {
    throw new NightshiftError({ kind: 'bad-input', message: `It has more than ${String(mostUrls)} lines.`, where });
  }
  return urls;
}

/** Says so where an argument lets somebody into a camera. @param instead what keeps it out of there */
export function warnOfSecrets(terminal: Pick<Terminal, 'say'>, urls: readonly string[], instead: string): void {
  if (!urls.some(hasSecret)) return;
  terminal.say(
    `Warning: an address has a password in it, and every user of this machine can read arguments. ${instead}`,
  );
}

function hasSecret(url: string): boolean {
  try {
    const { login, url: whole, shown } = readCameraUrl(url, process.cwd());
    return (login !== null && login.password !== '') || whole !== shown;
  } catch {
    // What is wrong with it is said by whoever opens it; it may still be a password that was mistyped.
    return url.includes('@');
  }
}

const unreadable =
  (file: string) =>
  (caught: NodeJS.ErrnoException): never => {
    throw new NightshiftError({
      kind: caught.code === 'EACCES' ? 'no-permission' : 'not-found',
      message: `The list cannot be read (${caught.code ?? caught.message}).`,
      where: file,
    });
  };
