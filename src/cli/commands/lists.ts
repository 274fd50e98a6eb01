import { shedText } from '../../shared/domain/repair.ts';
import { exitCode, type ExitCode } from '../exit-code.ts';
import { call, type Session } from '../session.ts';
import type { Terminal } from '../terminal.ts';

export async function modelsCommand(session: Session, terminal: Terminal): Promise<ExitCode> {
  const models = await call(session, 'models.list', undefined);
  terminal.result({ models }, () =>
    models.map((model) => {
      const tiers = model.tiers.map(({ name, size }) => `${name} ${String(size.width)}×${String(size.height)}`);
      return `${model.id}${model.isDefault ? ' (default)' : ''}: ${model.name} ${model.version}; ${tiers.join(', ')}; ${String(model.labels.length)} classes; ${model.licence}`;
    }),
  );
  return exitCode.done;
}

export async function jobsCommand(session: Session, terminal: Terminal): Promise<ExitCode> {
  const { jobs } = await call(session, 'app.overview', undefined);
  terminal.result({ jobs }, () =>
    jobs.length === 0
      ? ['No jobs yet: `nightshift scan FOLDER` makes one.']
      : jobs.map((job) => {
          const { done, skipped, total, failed } = job.items;
          if (job.repair !== undefined) {
            const why = job.reason === null ? '' : `. ${job.reason}`;
            return `${job.id}: ${job.name}: ${job.state}, ${shedText(job.repair)}${why}`;
          }
          return `${job.id}: ${job.name}: ${job.state}, ${String(done + skipped)} of ${String(total)} items, ${String(failed)} failed, ${String(job.detections)} found`;
        }),
  );
  return exitCode.done;
}
