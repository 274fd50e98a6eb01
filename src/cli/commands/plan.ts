import { advise, planBatch } from '../../app/planner/plan-questions.ts';
import {
  batchQuestionSchema,
  capacityQuestionSchema,
  type CapacityAnswer,
  type CapacityQuestion,
} from '../../shared/domain/plan.ts';
import { planScenarios } from '../../shared/domain/plan-scenarios.ts';
import { NightshiftError } from '../../shared/errors.ts';
import { exitCode, type ExitCode } from '../exit-code.ts';
import { onInterrupt } from '../on-interrupt.ts';
import type { SessionOptions } from '../open-session.ts';
import { call, type Session } from '../session.ts';
import { bar, type Terminal } from '../terminal.ts';
import { withSession } from '../with-session.ts';

export interface PlanOptions {
  readonly scenarios: boolean;
  readonly singleMs?: number;
  readonly overheadMs?: number;
  readonly linearTo?: number;
  readonly p95?: number;
  readonly rate?: number;
  readonly model: string;
  readonly tier: string;
  readonly cameras?: number;
  readonly fps: number;
  readonly slo: number;
  readonly nightHours: number;
  readonly calibrate: boolean;
}

/** The engine starts, loads the model and tries devices before the first run of a calibration. */
const BEGIN_LIMIT_MS = 120_000;

/** Three questions: which batch carries a rate, which mode fits a case, and what this machine can do. */
export async function plan(session: SessionOptions, terminal: Terminal, options: PlanOptions): Promise<ExitCode> {
  if (options.scenarios) return scenarios(terminal);
  const asked = [options.singleMs, options.overheadMs, options.linearTo, options.p95, options.rate];
  if (asked.some((value) => value !== undefined)) return batch(terminal, options);
  return withSession(session, (opened) => capacity(opened, terminal, options));
}

function scenarios(terminal: Terminal): ExitCode {
  const answers = planScenarios.map(({ id, name, question }) => ({ id, name, question, ...advise(question) }));
  terminal.result({ scenarios: answers }, () => answers.map(({ name, sentence }) => `${name}\n  ${sentence}`));
  return exitCode.done;
}

function batch(terminal: Terminal, options: PlanOptions): ExitCode {
  const { singleMs, overheadMs, linearTo, p95: p95Ms, rate } = options;
  const question = parsed(batchQuestionSchema.safeParse({ singleMs, overheadMs, linearTo, p95Ms, rate }), {
    singleMs: '--single-ms',
    overheadMs: '--overhead-ms',
    linearTo: '--linear-to',
    p95Ms: '--p95',
    rate: '--rate',
  });
  const answer = planBatch(question);
  terminal.result(answer, () => [
    answer.batch === null ? 'No batch carries this.' : `Batch ${String(answer.batch)}.`,
    ...answer.reasoning,
    `Controls: ${answer.controls.join(', ')}.`,
  ]);
  return exitCode.done;
}

async function capacity(session: Session, terminal: Terminal, options: PlanOptions): Promise<ExitCode> {
  const { model: modelId, tier, cameras, fps, slo: sloMs, nightHours } = options;
  const question = parsed(
    capacityQuestionSchema.safeParse({
      modelId,
      tier,
      nightHours,
      cameras:
        cameras === undefined
          ? null
          : Array.from({ length: cameras }, (_, index) => ({ name: `camera ${String(index + 1)}`, fps, sloMs })),
    }),
    { cameras: '--cameras', nightHours: '--night-hours', modelId: '--model', tier: '--tier' },
  );
  let answer = await call(session, 'plan.capacity', question);
  let wasStopped = false;
  if (options.calibrate || !answer.measured || answer.endToEnd === null) {
    wasStopped = await calibrate(session, terminal, question);
    answer = await call(session, 'plan.capacity', question);
  }
  terminal.result(answer, () => describe(answer));
  return answer.measured && !wasStopped ? exitCode.done : exitCode.failed;
}

/** Measures the ladder and then the demo night, about a minute together; true where somebody stopped it. */
async function calibrate(session: Session, terminal: Terminal, { modelId, tier }: CapacityQuestion): Promise<boolean> {
  terminal.say('Measuring this machine: about a minute, Ctrl-C stops it.');
  let hasBegun = false;
  let wasStopped = false;
  let end: (failure: NightshiftError | null) => void = () => undefined;
  const ended = new Promise<NightshiftError | null>((resolve) => {
    end = resolve;
  });
  const timer = setTimeout(() => {
    const hint = 'See `nightshift doctor`.';
    if (!hasBegun) end(new NightshiftError({ kind: 'timed-out', message: 'The measuring did not begin.', hint }));
  }, BEGIN_LIMIT_MS);
  const unsubscribe = session.subscribe((message) => {
    if (message.event !== 'lanes.snapshot') return;
    const { calibration } = message.payload;
    if (calibration === null) {
      if (hasBegun) end(null);
      return;
    }
    hasBegun = true;
    const { done, steps, batch: size, waitsFor } = calibration;
    const what = size === 0 ? 'the demo night, decoding and all' : `batch ${String(size)}`;
    terminal.status(`${bar(done / Math.max(1, steps))} ${what}${waitsFor === null ? '' : ` (waits: ${waitsFor})`}`);
  });
  const forget = onInterrupt(() => {
    wasStopped = true;
    void session.request('lanes.stopCalibration', undefined);
    end(null);
  });
  try {
    await call(session, 'lanes.calibrate', { modelId, tier });
    const lost = session.lost.then((error) => new NightshiftError(error));
    const failure = await Promise.race([ended, lost]);
    if (failure !== null) throw failure;
  } finally {
    clearTimeout(timer);
    unsubscribe();
    forget();
    terminal.endStatus();
  }
  return wasStopped;
}

function describe(answer: CapacityAnswer): string[] {
  const { archivePerSecond, archivePerHour, archiveTonight, moreCameras, batches, cost } = answer;
  if (!answer.measured) return [...answer.reasoning];
  const whole = (value: number): string => Math.round(value).toLocaleString('en');
  return [
    `Archive: ${archivePerSecond.toFixed(1)} pictures/s, ${whole(archivePerHour)} an hour, ${whole(archiveTonight)} tonight.`,
    `Room for ${String(moreCameras)} more cameras.`,
    ...answer.reasoning,
    'batch    ms   pictures/s   live p95   1,000 pictures',
    ...batches.map(
      ({ batch: size, runMs, imagesPerSecond, liveP95Ms, costPer1000, deviceHoursPer1000 }) =>
        `${String(size).padStart(5)} ${runMs.toFixed(1).padStart(6)} ${imagesPerSecond.toFixed(1).padStart(11)} ${(liveP95Ms === null ? '–' : `${liveP95Ms.toFixed(0)} ms`).padStart(11)}   ${costPer1000.toFixed(5)} ${cost.currency}, ${deviceHoursPer1000.toFixed(5)} device-hours`,
    ),
  ];
}

/** The value, or a `bad-input` that names the option. */
function parsed<T>(
  result:
    | { readonly success: true; readonly data: T }
    | {
        readonly success: false;
        readonly error: { readonly issues: readonly { path: PropertyKey[]; message: string }[] };
      },
  names: Readonly<Record<string, string>>,
): T {
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const field = String(issue?.path[0] ?? '');
  throw new NightshiftError({
    kind: 'bad-input',
    message: `${names[field] ?? field}: ${issue?.message ?? 'not understood'}.`,
    hint: 'See `nightshift plan --help`; the five numbers of a batch question belong together.',
  });
}
