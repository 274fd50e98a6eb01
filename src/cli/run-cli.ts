import { Argument, Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { tierNames } from '../shared/domain/model.ts';
import { recordingModes } from '../shared/domain/recording.ts';
import { reportFormats } from '../shared/domain/report.ts';
import { readMediaTime } from '../shared/domain/video-sampling.ts';
import { toErrorValue } from '../shared/errors.ts';
import { cameraCommands, type CommandHost } from './camera-commands.ts';
import { demo } from './commands/demo.ts';
import { demoImages } from './commands/demo-images.ts';
import { doctor } from './commands/doctor.ts';
import { live } from './commands/live.ts';
import { jobsCommand, modelsCommand } from './commands/lists.ts';
import { loadtest, type LoadTestOptions } from './commands/loadtest.ts';
import { loadtestApi, type ApiLoadOptions } from './commands/loadtest-api.ts';
import { plan, type PlanOptions } from './commands/plan.ts';
import { exportRecordings, listRecordings, type RecordingsRange } from './commands/recordings.ts';
import { repairCommand } from './commands/repair.ts';
import { report } from './commands/report.ts';
import { scan } from './commands/scan.ts';
import { serve } from './commands/serve.ts';
import { sweep, type SweepOptions } from './commands/sweep.ts';
import { exitCode, type ExitCode } from './exit-code.ts';
import type { SessionOptions } from './open-session.ts';
import { hostPaths, version } from './paths.ts';
import { scheduleCommands } from './schedule-commands.ts';
import { Terminal } from './terminal.ts';
import { readUrls, warnOfSecrets } from './url-arguments.ts';
import { withSession } from './with-session.ts';

interface Common {
  readonly data: string;
  readonly json: boolean;
}

/** Parses the command line and runs one command. Never rejects: errors become a sentence and an exit code. */
export async function runCli(argv: readonly string[]): Promise<ExitCode> {
  if (Number(process.versions.node.split('.')[0]) < 22) {
    process.stderr.write(
      `nightshift: Node ${process.versions.node} is too old (22 or newer is needed). In the repository, use: npm run -s nightshift -- …\n`,
    );
    return exitCode.failed;
  }
  let code: ExitCode = exitCode.done;
  const terminal = new Terminal(argv.includes('--json'));
  const program = buildProgram(terminal, (result) => {
    code = result;
  });
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return code;
  } catch (caught) {
    if (caught instanceof CommanderError) return caught.exitCode === 0 ? exitCode.done : exitCode.usage;
    const error = toErrorValue(caught);
    terminal.error(error);
    if (error.kind === 'internal' && caught instanceof Error) process.stderr.write(`${caught.stack ?? ''}\n`);
    return exitCode.failed;
  }
}

function buildProgram(terminal: Terminal, done: (code: ExitCode) => void): Command {
  const program = new Command('nightshift')
    .description('Live cameras under a latency promise, archives scanned in every millisecond they leave free.')
    .version(version())
    .exitOverride()
    .showHelpAfterError('(see --help)');

  const commandOf = (parent: Command, name: string, description: string, isDefault = false): Command =>
    parent
      .command(name, { isDefault })
      .description(description)
      .addOption(
        new Option('--data <dir>', "data folder (default: the user's own)").default(
          hostPaths().dataDir,
          'user data folder',
        ),
      )
      .option('--json', 'one JSON object on the last line of stdout', false);
  const command = (name: string, description: string): Command => commandOf(program, name, description);

  const sessionOf = ({ data }: Common): SessionOptions => ({
    dataDir: data,
    terminal,
    cameras: false,
    resumeJobs: false,
  });

  const scanOptions = (target: Command): Command =>
    target
      .option('--model <id>', 'model id, or the path of a model folder', 'nanodet-g')
      .addOption(new Option('--tier <tier>', 'input size').choices([...tierNames]).default('normal'))
      .option('--batch <n>', 'auto, or a fixed largest batch', batchText, 'auto')
      .option('--motion-gate', 'frames in which nothing moves take the result of the last one that was run', false);

  const jobOptions = (target: Command): Command =>
    scanOptions(target)
      .option('--list <file>', 'the files of a CSV or JSON list with their ids; may be repeated', more, [])
      .option('--fps <n>', 'analysed frames a second of a video', positive, 5)
      .addOption(
        new Option('--every-nth <n>', 'every nth frame of a video instead')
          .argParser(wholeNumber)
          .conflicts('keyframes'),
      )
      .option('--keyframes', 'only the frames instead that a video holds whole', false)
      .option('--from <time>', 'videos from here on: seconds, or h:mm:ss', mediaTime)
      .option('--to <time>', 'videos up to here', mediaTime)
      .option('--recursive', 'folders below the given ones too', false)
      .option('--include <pattern>', 'in folders only files like this one, such as *.jpg; may be repeated', more, [])
      .option('--exclude <pattern>', 'no file or folder like this one; may be repeated', more, [])
      .option('--weight <n>', "1 to 10: share of the archive's turns beside other jobs", jobWeight, 1);

  jobOptions(command('scan', 'scans pictures, videos and folders; run again it resumes or finds nothing to do'))
    .argument('[path...]', "folders, pictures or videos; also patterns in quotes, such as '/night/**/*.mp4'")
    .option('--name <name>', 'what the job is called')
    .option('--job <id>', 'id of the job to create or go on with')
    .action(async (paths: string[], options: Common & Parameters<typeof scan>[3]) => {
      if (paths.length + options.list.length === 0) {
        program.error('scan needs a path, or --list', { exitCode: exitCode.usage });
      }
      done(await withSession(sessionOf(options), (session) => scan(session, terminal, paths, options)));
    });

  scanOptions(command('live', 'analyses live sources, optionally with an archive job beside them'))
    .argument('[url...]', 'rtsp:, http: (MJPEG), file: or test: sources')
    .option('--urls-from <file>', 'more of them, one a line; - is standard input. The place for those with a password')
    .option('--seconds <n>', 'how long (default: until interrupted)', positive)
    .option('--slo <ms>', 'promised time from capture to result', positive, 200)
    .option('--fps <n>', 'analysed frames a second', positive, 5)
    .option('--scan <path>', 'an archive job beside the cameras')
    .option('--allow-loopback', 'http: and https: cameras on this machine itself too', false)
    .addOption(
      new Option('--record <mode>', 'what of their packets is written, and repaired from').choices([...recordingModes]),
    )
    .action(async (given: string[], options: Common & Parameters<typeof live>[3] & { urlsFrom?: string }) => {
      const { urlsFrom } = options;
      warnOfSecrets(terminal, given, 'Use --urls-from FILE, or - for standard input.');
      const urls = urlsFrom === undefined ? given : [...given, ...(await readUrls(urlsFrom))];
      if (urls.length === 0) program.error('live needs a source, or --urls-from', { exitCode: exitCode.usage });
      const own = { ...sessionOf(options), handOver: false, records: options.record !== undefined };
      done(await withSession(own, (session) => live(session, terminal, urls, options)));
    });

  command('serve', 'the application in a browser, on this machine only')
    .option('--port <n>', 'TCP port (default: a free one)', portNumber, 0)
    .option('--no-open', 'do not open the browser')
    .action(async (options: Common & { port: number; open: boolean }) => {
      done(await serve({ dataDir: options.data, port: options.port, open: options.open }, terminal));
    });

  command('report', 'a report from committed results')
    .addOption(new Option('--format <format>').choices([...reportFormats]).makeOptionMandatory())
    .requiredOption('--out <file>', 'where to write; - is stdout')
    .option('--job <id>', 'only this job')
    .option('--camera <id>', 'only this camera')
    .option('--since <time>', 'camera results from this time on (ISO 8601)', time)
    .option('--until <time>', 'camera results up to this time (ISO 8601)', time)
    .action(async (options: Common & Parameters<typeof report>[2]) => {
      done(await withSession(sessionOf(options), (session) => report(session, terminal, options)));
    });

  command('recordings', 'footage of the cameras: `list` says what there is, `export` copies a stretch into an MP4 file')
    .addArgument(new Argument('<what>').choices(['list', 'export']))
    .option('--camera <id>', 'which camera (list without one: how much there is of each)')
    .option('--since <time>', 'from this time on (ISO 8601; default: a day before the end)', time)
    .option('--until <time>', 'up to this time (ISO 8601; default: now)', time)
    .option('--out <file>', 'where the export goes')
    .action(async (what: string, options: Common & Partial<RecordingsRange> & { out?: string }) => {
      const { camera, out } = options;
      if (what === 'export' && (camera === undefined || out === undefined)) {
        program.error('recordings export needs --camera and --out', { exitCode: exitCode.usage });
      }
      done(
        await withSession(sessionOf(options), (session) =>
          what === 'export' && camera !== undefined && out !== undefined
            ? exportRecordings(session, terminal, { ...options, camera, out })
            : listRecordings(session, terminal, options),
        ),
      );
    });

  command('repair', 'analyses from the footage what recorded cameras had to leave out live; ends when nothing is left')
    .option('--camera <id>', 'only this camera is waited for')
    .action(async (options: Common & { readonly camera?: string }) => {
      const own = { ...sessionOf(options), records: true };
      done(await withSession(own, (session) => repairCommand(session, terminal, options)));
    });

  command('plan', 'what this machine can do beside its cameras, which batch carries a rate, which mode fits a case')
    .option('--scenarios', 'known cases and the mode that the rules give them', false)
    .option('--single-ms <ms>', 'batch question: compute of one picture', positive)
    .option('--overhead-ms <ms>', 'batch question: fixed part of a call', notNegative)
    .option('--linear-to <n>', 'batch question: up to here a call takes what one picture takes', wholeNumber)
    .option('--p95 <ms>', 'batch question: promised p95', positive)
    .option('--rate <n>', 'batch question: pictures a second', positive)
    .option('--model <id>', 'model id, or the path of a model folder', 'nanodet-g')
    .addOption(new Option('--tier <tier>', 'input size').choices([...tierNames]).default('normal'))
    .option('--cameras <n>', 'so many cameras instead of those that are switched on', count)
    .option('--fps <n>', 'analysed frames a second of each', positive, 5)
    .option('--slo <ms>', 'promise of each', positive, 200)
    .option('--night-hours <n>', 'how long a night is', positive, 8)
    .option('--calibrate', 'measure again', false)
    .action(async (options: Common & PlanOptions) => {
      done(await plan(sessionOf(options), terminal, options));
    });

  for (const [name, description, run] of [
    ['models', 'the models there are', modelsCommand],
    ['jobs', 'the jobs of the data folder', jobsCommand],
  ] as const) {
    command(name, description).action(async (options: Common) => {
      done(await withSession(sessionOf(options), (session) => run(session, terminal)));
    });
  }

  const host: CommandHost = {
    terminal,
    positive,
    command: commandOf,
    run: async (options, work) => {
      done(await withSession(sessionOf({ ...options, json: terminal.json }), work));
    },
  };
  cameraCommands(program, host);
  scheduleCommands(program, host, jobOptions);

  program
    .command('loadtest')
    .description('synthetic cameras beside an archive job: does the promise hold, and what gives out first')
    .option('--data <dir>', 'data folder to use (default: one of its own, removed afterwards)')
    .option('--json', 'one JSON object on the last line of stdout', false)
    .option('--cameras <n>', 'how many cameras', wholeNumber, 8)
    .option('--fps <n>', 'frames a second of each', positive, 5)
    .option('--slo <ms>', 'promised time from capture to result', positive, 200)
    .option('--minutes <n>', 'how long', positive, 1)
    .option('--bursty', 'pictures come in bursts, and from all cameras at once', false)
    .option('--ramp', 'raise the rate until the promise breaks, and say what gave out', false)
    .option(
      '--scan <path>',
      'an archive job beside the cameras; begun again when it ends, unless --data names a folder that keeps it',
    )
    .option('--model <id>', 'model id, or the path of a model folder', 'nanodet-g')
    .addOption(new Option('--tier <tier>', 'input size').choices([...tierNames]).default('normal'))
    .option('--out <dir>', 'where the report goes', '.')
    .option(
      '--api',
      'pictures to the picture API instead of cameras: one a call and micro-batched, side by side',
      false,
    )
    .option('--rate <n>', 'with --api: pictures a second', positive, 30)
    .option('--seconds <n>', 'with --api: how long each way', positive, 30)
    .option('--window <ms>', 'with --api: how long pictures are collected', windowMs, 25)
    .option('--max-batch <n>', 'with --api: how many are collected at most', batchOfWindow, 16)
    .addOption(
      new Option('--arrivals <kind>', 'with --api: how pictures come')
        .choices(['steady', 'poisson'])
        .default('poisson'),
    )
    .option('--deadline <ms>', 'with --api: when an answer is of no use any more', positive, 1000)
    .action(async (options: LoadTestOptions & ApiLoadOptions & { readonly api: boolean }) => {
      done(options.api ? await loadtestApi(options, terminal) : await loadtest(terminal, options));
    });

  program
    .command('demo-images')
    .description('writes pictures made from the demo footage into a folder of their own')
    .argument('<count>', 'how many', wholeNumber)
    .requiredOption('--out <dir>', 'a new or empty folder, or one to go on with')
    .option('--json', 'one JSON object on the last line of stdout', false)
    .action(async (count: number, options: { out: string }) => {
      done(await demoImages(count, options.out, terminal));
    });

  command('sweep', 'scans a folder at several batch sizes and says which one to use; goes on after a kill')
    .argument('<dir>', 'a folder of pictures')
    .option('--batches <list>', 'sizes to compare', sizes, [8, 16, 32, 64])
    .option('--model <id>', 'model id, or the path of a model folder', 'nanodet-g')
    .addOption(new Option('--tier <tier>', 'input size').choices([...tierNames]).default('normal'))
    .action(async (dir: string, options: SweepOptions) => {
      done(await sweep(dir, options, terminal));
    });

  command('doctor', 'checks what this machine has: Node, libraries, devices, disk, the default model').action(
    async (options: Common) => {
      done(await doctor(options.data, terminal));
    },
  );

  program
    .command('demo')
    .description('the whole story in three minutes, without a screen: every claim with its measured number')
    .option('--json', 'one JSON object on the last line of stdout', false)
    .action(async () => {
      done(await demo(terminal));
    });

  return program;
}

const more = (text: string, before: readonly string[]): readonly string[] => [...before, text];

function positive(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) throw new InvalidArgumentError('A number above 0 is needed.');
  return value;
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('A whole number above 0 is needed.');
  return value;
}

function sizes(text: string): readonly number[] {
  return text.split(',').map((part) => wholeNumber(part.trim()));
}

function windowMs(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value < 0 || value > 50) throw new InvalidArgumentError('A number from 0 to 50.');
  return value;
}

function batchOfWindow(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 16)
    throw new InvalidArgumentError('A whole number from 1 to 16.');
  return value;
}

function notNegative(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value < 0) throw new InvalidArgumentError('0 or a number above it is needed.');
  return value;
}

function count(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || value > 1000)
    throw new InvalidArgumentError('A whole number from 0 to 1000.');
  return value;
}

function portNumber(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || value > 65_535)
    throw new InvalidArgumentError('A port is a whole number from 0 to 65535.');
  return value;
}

function jobWeight(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 10)
    throw new InvalidArgumentError('A whole number from 1 to 10 is needed.');
  return value;
}

function batchText(text: string): string {
  if (text === 'auto') return text;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 128)
    throw new InvalidArgumentError('auto, or a whole number from 1 to 128.');
  return text;
}

function mediaTime(text: string): number {
  const value = readMediaTime(text);
  if (value === null) throw new InvalidArgumentError('Seconds, or a time like 1:02:03.');
  return value;
}

function time(text: string): number {
  const value = Date.parse(text);
  if (Number.isNaN(value)) throw new InvalidArgumentError('A time like 2026-11-24T22:00 is needed.');
  return value;
}
