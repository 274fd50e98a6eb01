import { fork, type ChildProcess } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { fileURLToPath } from 'node:url';
import {
  engineProtocolVersion,
  type EngineReplies,
  type EngineRequest,
  type FromEngine,
  type ToEngine,
} from '../../shared/engine/protocol.ts';

export const engineFile = fileURLToPath(new URL('../index.ts', import.meta.url));

type Message<T extends FromEngine['type']> = Extract<FromEngine, { type: T }>;

export class Refused extends Error {
  readonly kind: string;
  constructor(kind: string, message: string) {
    super(message);
    this.kind = kind;
  }
}

/** A real engine in a process of its own, as a host would fork it, with everything that it says kept. */
export class EngineChild {
  readonly process: ChildProcess;
  readonly heard: FromEngine[] = [];
  /** What it printed; a quiet engine prints nothing. */
  printed = '';
  #requests = 0;
  readonly #said = new EventEmitter();

  private constructor() {
    this.process = fork(engineFile, [], {
      serialization: 'advanced',
      execArgv: [],
      env: { ...process.env, UV_THREADPOOL_SIZE: '16' },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    for (const stream of [this.process.stdout, this.process.stderr]) {
      stream?.on('data', (data: Buffer) => (this.printed += data.toString()));
    }
    this.process.on('message', (message) => {
      this.heard.push(message as FromEngine);
      this.#said.emit('something');
    });
    this.process.on('exit', () => this.#said.emit('something'));
  }

  static async start(settings: Partial<Extract<ToEngine, { type: 'configure' }>> = {}): Promise<EngineChild> {
    const child = new EngineChild();
    child.send({
      type: 'configure',
      protocol: engineProtocolVersion,
      providers: ['cpu'],
      intraOpThreads: 2,
      archiveWindow: 64,
      maxPixels: 100e6,
      ...settings,
    });
    await child.hear('ready');
    return child;
  }

  send(message: ToEngine): void {
    this.process.send(message);
  }

  /** The first message of the kind that fits, said already or yet to come; it is taken out of `heard`. */
  hear<T extends FromEngine['type']>(
    type: T,
    fits: (message: Message<T>) => boolean = () => true,
  ): Promise<Message<T>> {
    return this.#take((message): message is Message<T> => message.type === type && fits(message as Message<T>));
  }

  /** Rejects with `Refused`. */
  async ask<R extends EngineRequest>(request: R): Promise<EngineReplies[R['type']]> {
    const requestId = ++this.#requests;
    this.send({ type: 'request', requestId, request });
    const answer = await this.#take(
      (message): message is Message<'reply' | 'refused'> =>
        (message.type === 'reply' || message.type === 'refused') && message.requestId === requestId,
    );
    if (answer.type === 'refused') throw new Refused(answer.fault.kind, answer.fault.message);
    return answer.value as EngineReplies[R['type']];
  }

  async #take<M extends FromEngine>(fits: (message: FromEngine) => message is M): Promise<M> {
    for (;;) {
      const found = this.heard.find(fits);
      if (found !== undefined) {
        this.heard.splice(this.heard.indexOf(found), 1);
        return found;
      }
      if (this.process.exitCode !== null || this.process.signalCode !== null) {
        throw new Error(`the engine has ended: ${this.printed}`);
      }
      await once(this.#said, 'something');
    }
  }

  /** How it ended, if it has or once it does. */
  async ended(): Promise<{ code: number | null; signal: string | null }> {
    const { exitCode, signalCode } = this.process;
    if (exitCode === null && signalCode === null) await once(this.process, 'exit');
    return { code: this.process.exitCode, signal: this.process.signalCode };
  }

  kill(): void {
    this.process.kill('SIGKILL');
  }
}
