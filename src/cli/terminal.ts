import { describeError, type ErrorValue } from '../shared/errors.ts';

/**
 * Everything for people goes to stderr; stdout carries only what was asked for: with `--json` one object on its last
 * line. A status line is redrawn in place on a terminal and printed every 10 s elsewhere (logs stay readable).
 */
export class Terminal {
  readonly json: boolean;
  readonly #isTty: boolean = process.stderr.isTTY;
  #status = '';
  #lastPlainMs = -Infinity;

  constructor(json: boolean) {
    this.json = json;
  }

  say(line: string): void {
    this.#clear();
    process.stderr.write(`${line}\n`);
    if (this.#status !== '' && this.#isTty) process.stderr.write(this.#status);
  }

  status(line: string): void {
    if (this.#isTty) {
      const width = Math.max(20, process.stderr.columns - 1);
      this.#clear();
      this.#status = line.length > width ? `${line.slice(0, width - 1)}…` : line;
      process.stderr.write(this.#status);
    } else if (performance.now() - this.#lastPlainMs > 10_000) {
      this.#lastPlainMs = performance.now();
      process.stderr.write(`${line}\n`);
    }
  }

  endStatus(): void {
    this.#clear();
    this.#status = '';
  }

  /** The command's result: the last line of stdout with `--json`, sentences for people otherwise. */
  result(value: unknown, forPeople: () => readonly string[]): void {
    this.endStatus();
    if (this.json) process.stdout.write(`${JSON.stringify(value)}\n`);
    else for (const line of forPeople()) process.stdout.write(`${line}\n`);
  }

  error(error: ErrorValue): void {
    this.endStatus();
    process.stderr.write(`nightshift: ${describeError(error)}\n`);
    if (this.json) process.stdout.write(`${JSON.stringify({ error })}\n`);
  }

  #clear(): void {
    if (this.#isTty && this.#status !== '') process.stderr.write('\r\x1b[2K');
  }
}

/** `12:05` or `1:02:45`. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const part = (value: number): string => String(value).padStart(2, '0');
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  return hours > 0
    ? `${String(hours)}:${part(minutes)}:${part(seconds % 60)}`
    : `${part(minutes)}:${part(seconds % 60)}`;
}

/** `[████████░░░░] 62 %` */
export function bar(share: number, width = 24): string {
  const full = Math.round(Math.max(0, Math.min(1, share)) * width);
  return `[${'█'.repeat(full)}${'░'.repeat(width - full)}] ${String(Math.floor(share * 100)).padStart(3)} %`;
}
