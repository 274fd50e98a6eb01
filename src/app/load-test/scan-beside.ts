import type { LoadTestSpec } from '../../shared/domain/load-test.ts';
import { jobSpecSchema, type JobState } from '../../shared/domain/job.ts';
import { toErrorValue } from '../../shared/errors.ts';
import { existingPath } from '../jobs/existing-path.ts';
import type { JobService } from '../jobs/job-service.ts';

const ended: readonly JobState[] = ['done', 'failed', 'cancelled'];
/** So little changes no result but makes it another recipe: the whole folder is looked at again. */
const SCORE_STEP = 0.0001;

/** The archive job beside the cameras of a load test; begun again when it is through, if that is wanted. */
export class ScanBeside {
  readonly #jobs: JobService;
  readonly #spec: Pick<LoadTestSpec, 'modelId' | 'tier' | 'repeatScan'> & { readonly path: string };
  readonly #score: number;
  #round = 0;
  #jobId: string | null = null;

  constructor(
    jobs: JobService,
    spec: Pick<LoadTestSpec, 'modelId' | 'tier' | 'repeatScan'> & { readonly path: string },
    score: number,
  ) {
    this.#jobs = jobs;
    this.#spec = spec;
    this.#score = score;
  }

  /** Rejects with `not-found` where there is nothing to scan. */
  async start(): Promise<void> {
    const { path, modelId, tier } = this.#spec;
    await existingPath(path);
    const spec = jobSpecSchema.parse({
      paths: [path],
      name: this.#round === 0 ? 'Load test' : `Load test, again (${String(this.#round + 1)})`,
      modelId,
      tier,
      ...(this.#round === 0 ? {} : { score: this.#score + this.#round * SCORE_STEP }),
    });
    this.#jobId = (await this.#jobs.create(spec)).id;
  }

  async keepGoing(): Promise<void> {
    if (this.#jobId === null || !this.#spec.repeatScan) return;
    const job = await this.#jobs.get(this.#jobId);
    if (job.state !== 'done' || job.frames === 0) return;
    this.#round += 1;
    await this.start();
  }

  /** Paused, not thrown away: what it has found is as good as any scan's. */
  async stop(): Promise<void> {
    if (this.#jobId === null) return;
    const job = await this.#jobs.get(this.#jobId);
    if (ended.includes(job.state) || job.state === 'paused') return;
    await this.#jobs.pause(this.#jobId).catch((caught: unknown) => {
      // It came to its end between the question and this.
      if (toErrorValue(caught).kind === 'internal') throw caught;
    });
  }
}
