/** What is going on, on stderr: one line that is written over in a terminal, a line a round in a log. */
export class Progress {
  readonly #startMs = performance.now();
  #latest = '';

  say(what: string): void {
    if (what === this.#latest) return;
    this.#latest = what;
    const line = `bench ${clock(performance.now() - this.#startMs)} ${what}`;
    if (process.stderr.isTTY) process.stderr.write(`\r\u001b[2K${line}`);
    else process.stderr.write(`${line}\n`);
  }

  end(): void {
    if (process.stderr.isTTY) process.stderr.write('\r\u001b[2K');
  }
}

export function clock(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
