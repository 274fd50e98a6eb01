import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..', '..');
const cli = join(root, 'out', 'main', 'cli.cjs');
export const demoNight = join(root, 'resources', 'demo', 'night');
export const demoCamera = join(root, 'resources', 'demo', 'camera.mp4');

export interface Finished<T> {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stderr: string;
  /** The last line of stdout, parsed. */
  readonly json: T;
}

/** The built command line as a user starts it: a process of its own, on this very Node. */
export class Command {
  readonly child: ChildProcess;
  #stdout = '';
  #stderr = '';
  readonly #closed: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;

  /** @param input what it reads from its standard input; left out: nothing */
  constructor(
    args: readonly string[],
    cwd = root,
    env: Readonly<Record<string, string>> = {},
    input: string | null = null,
  ) {
    if (!existsSync(cli))
      throw new Error('out/main/cli.cjs is missing: run the tests with npm test, which builds first');
    this.child = spawn(process.execPath, [cli, ...args], {
      cwd,
      env: { ...process.env, ...env },
      stdio: [input === null ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    });
    this.child.stdin?.end(input ?? '');
    this.child.stdout?.on('data', (text: Buffer) => (this.#stdout += String(text)));
    this.child.stderr?.on('data', (text: Buffer) => (this.#stderr += String(text)));
    this.#closed = new Promise((resolve) => {
      this.child.on('close', (code, signal) => {
        resolve({ code, signal });
      });
    });
  }

  get stdout(): string {
    return this.#stdout;
  }

  get stderr(): string {
    return this.#stderr;
  }

  async finished<T>(): Promise<Finished<T>> {
    const { code, signal } = await this.#closed;
    const line = this.#stdout.trimEnd().split('\n').pop() ?? '';
    return { code, signal, stderr: this.#stderr, json: (line.startsWith('{') ? JSON.parse(line) : {}) as T };
  }

  /** Looks 50 times a second; rejects after `limitMs`, or when the command ends first. */
  async until<T>(look: () => T | null | false | undefined, limitMs: number, what: string): Promise<T> {
    const giveUpAt = performance.now() + limitMs;
    for (;;) {
      const seen = look();
      if (seen !== null && seen !== false && seen !== undefined) return seen;
      const over = this.child.exitCode !== null || this.child.signalCode !== null;
      if (over || performance.now() > giveUpAt)
        throw new Error(`${what}: not seen ${over ? 'before the command ended' : 'in time'}\n${this.#stderr}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** The engine child of this command; null where there is none (yet). Linux only. */
  enginePid(): number | null {
    return childrenOf(this.child.pid ?? -1)[0] ?? null;
  }
}

export async function run<T>(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Finished<T>> {
  return new Command(args, root, env).finished<T>();
}

/** Direct children, by the kernel's process table. */
export function childrenOf(parent: number): number[] {
  const children: number[] = [];
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      // pid (name) state ppid …; the name may hold anything but its closing bracket is the last one.
      const [state, ppid] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      if (Number(ppid) === parent && state !== 'Z') children.push(Number(name));
    } catch {
      // Ended while we looked.
    }
  }
  return children;
}

export function isAlive(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${String(pid)}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3) !== 'Z';
  } catch {
    return false;
  }
}
