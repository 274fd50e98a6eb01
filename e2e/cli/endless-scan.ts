import { jobSpecSchema } from '../../src/shared/domain/job.ts';
import { demoNight } from './command.ts';
import type { Served } from './served.ts';

/** So little changes no result, but makes it another recipe: the whole folder is looked at again. */
const scoreStep = 0.0001;

/** The demo night, scanned again whenever it is through. */
export class EndlessScan {
  readonly #app: Served;
  #jobId = '';
  #round = 0;
  #itemsBefore = 0;
  itemsDone = 0;

  private constructor(app: Served) {
    this.#app = app;
  }

  static async start(app: Served): Promise<EndlessScan> {
    const scan = new EndlessScan(app);
    await scan.#begin();
    return scan;
  }

  async keepGoing(): Promise<void> {
    const job = await this.#app.call('jobs.get', { id: this.#jobId });
    this.itemsDone = this.#itemsBefore + job.items.done;
    if (job.state !== 'done') return;
    this.#itemsBefore = this.itemsDone;
    this.#round += 1;
    await this.#begin();
  }

  async #begin(): Promise<void> {
    const spec = jobSpecSchema.parse({
      paths: [demoNight],
      name: `Night ${String(this.#round + 1)}`,
      tier: 'fast',
      fps: 25,
      score: 0.5 + this.#round * scoreStep,
    });
    this.#jobId = (await this.#app.call('jobs.create', spec)).id;
  }
}
