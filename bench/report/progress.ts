/** What is going on, on stderr: one line that is written over in a terminal, a line a round in a log. */
export class Progress {
  readonly #startMs = performance.now();
  #latest = '';

  /** A terminal's line follows every change; a log gets one when `what` changes. */
  say(what: string, detail = ''): void {
    const line = `bench ${clock(performance.now() - this.#startMs)} ${what}${detail}`;
    if (process.stderr.isTTY) process.stderr.write(`\r\u001b[2K${line}`);
    else if (what !== this.#latest) process.stderr.write(`${line}\n`);
    this.#latest = what;
  }

  end(): void {
    if (process.stderr.isTTY) process.stderr.write('\r\u001b[2K');
  }
}

export function clock(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
