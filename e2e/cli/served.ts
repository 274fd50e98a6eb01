import type { CallInput, CallName, CallOutput } from '../../src/shared/contract/calls.ts';
import type { Result } from '../../src/shared/errors.ts';
import { Command } from './command.ts';

/** `nightshift serve` on a data folder, asked over its API as a page asks it. */
export class Served implements AsyncDisposable {
  readonly #command: Command;
  readonly #origin: string;
  readonly #cookie: string;

  private constructor(command: Command, origin: string, cookie: string) {
    this.#command = command;
    this.#origin = origin;
    this.#cookie = cookie;
  }

  static async start(dataDir: string): Promise<Served> {
    const command = new Command(['serve', '--no-open', '--data', dataDir]);
    const [url, origin] = await command.until(
      () => /(http:\/\/127\.0\.0\.1:\d+)\/\?token=[\w-]+/.exec(command.stdout + command.stderr),
      60_000,
      'the address of the application',
    );
    const entered = await fetch(url, { redirect: 'manual' });
    const cookie = entered.headers.get('set-cookie')?.split(';')[0];
    if (cookie === undefined || origin === undefined) throw new Error(`no cookie from ${url}`);
    return new Served(command, origin, cookie);
  }

  get pid(): number {
    return this.#command.child.pid ?? 0;
  }

  /** For sockets: where it listens, and what lets one in. */
  get door(): { readonly origin: string; readonly cookie: string } {
    return { origin: this.#origin, cookie: this.#cookie };
  }

  async call<K extends CallName>(name: K, input: CallInput<K>): Promise<CallOutput<K>> {
    const response = await fetch(`${this.#origin}/api/${name}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', cookie: this.#cookie, origin: this.#origin },
      body: JSON.stringify(input ?? null),
    });
    const answer = (await response.json()) as Result<CallOutput<K>>;
    if (!answer.ok) throw new Error(`${name}: ${answer.error.message}`);
    return answer.value;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#command.child.kill('SIGTERM');
    await this.#command.finished();
  }
}
