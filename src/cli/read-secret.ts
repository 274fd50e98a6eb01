import { createInterface } from 'node:readline';
import { NightshiftError } from '../shared/errors.ts';

/** Longer than any password that a camera takes; more is not read. */
const longest = 1_000;

/**
 * A password: typed without being shown where there is a terminal, else the first line of standard input. Never an
 * argument, since every user of the machine can read those.
 */
export async function readSecret(question: string): Promise<string> {
  return process.stdin.isTTY ? typed(question) : firstLine();
}

async function firstLine(): Promise<string> {
  const lines = createInterface({ input: process.stdin });
  for await (const line of lines) {
    lines.close();
    return line.slice(0, longest);
  }
  throw new NightshiftError({
    kind: 'bad-input',
    message: 'The password is read from standard input, and there was none.',
    hint: 'In a terminal it is asked for; in a script pipe it in.',
  });
}

function typed(question: string): Promise<string> {
  process.stderr.write(question);
  process.stdin.setRawMode(true);
  process.stdin.setEncoding('utf8');
  process.stdin.resume();
  return new Promise((resolve, reject) => {
    let text = '';
    const end = (): void => {
      process.stdin.off('data', heard);
      process.stdin.setRawMode(false);
      process.stdin.pause();
      process.stderr.write('\n');
    };
    const heard = (chunk: string): void => {
      for (const sign of chunk) {
        if (sign === '\r' || sign === '\n') {
          end();
          resolve(text);
          return;
        }
        if (sign === '\u0003' || sign === '\u0004') {
          end();
          reject(new NightshiftError({ kind: 'cancelled', message: 'No password was given.' }));
          return;
        }
        if (sign === '\u007f' || sign === '\b') text = text.slice(0, -1);
        else if (sign >= ' ' && text.length < longest) text += sign;
      }
    };
    process.stdin.on('data', heard);
  });
}
