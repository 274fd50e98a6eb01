import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { ProductAsks, ProductReply } from './messages.ts';

const childFile = fileURLToPath(new URL('product-child.ts', import.meta.url));

/** The application in a process of its own, so that the benchmark's own work is not measured as its. */
export class Product {
  readonly #child: ChildProcess;
  readonly #asked = new Map<number, { resolve: (value: never) => void; reject: (error: Error) => void }>();
  #nextAsk = 1;

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.on('message', (message) => {
      const reply = message as ProductReply;
      const asked = this.#asked.get(reply.askId);
      this.#asked.delete(reply.askId);
      if ('failed' in reply) asked?.reject(new Error(reply.failed));
      else asked?.resolve(reply.value as never);
    });
    child.once('exit', (code, signal) => {
      for (const { reject } of this.#asked.values()) {
        reject(new Error(`the application ended (${signal ?? `code ${String(code)}`})`));
      }
    });
  }

  static async start(dataDir: string): Promise<Product> {
    const product = new Product(
      fork(childFile, [dataDir], { execArgv: [], serialization: 'advanced', stdio: ['ignore', 2, 2, 'ipc'] }),
    );
    // It says that it is there as the answer to a question that nobody asked.
    await new Promise<void>((resolve, reject) => {
      product.#asked.set(0, { resolve: resolve, reject });
    });
    return product;
  }

  ask<K extends keyof ProductAsks>(name: K, input: ProductAsks[K]['in']): Promise<ProductAsks[K]['out']> {
    const askId = this.#nextAsk++;
    return new Promise((resolve, reject) => {
      if (!this.#child.connected) {
        reject(new Error('the application has ended'));
        return;
      }
      this.#asked.set(askId, { resolve, reject });
      this.#child.send({ ask: name, askId, input });
    });
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    // 'close' does not come where this side has let go of the channel.
    const gone = new Promise<void>((resolve) => this.#child.once('exit', resolve));
    const limit = setTimeout(() => this.#child.kill('SIGKILL'), 8_000);
    if (this.#child.connected) this.#child.disconnect();
    await gone;
    clearTimeout(limit);
  }
}
