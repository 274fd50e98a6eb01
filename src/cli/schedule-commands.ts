import { Option, type Command } from 'commander';
import { missedPolicies } from '../shared/domain/schedule.ts';
import type { CommandHost } from './camera-commands.ts';
import type { ScanOptions } from './commands/scan.ts';
import {
  addSchedule,
  changeSchedule,
  listSchedules,
  removeSchedules,
  runSchedule,
  scheduleHistory,
  type WhenOptions,
} from './commands/schedules.ts';

type WithData = { readonly data: string };

const another = (text: string, before: readonly string[] = []): readonly string[] => [...before, text];

/** `nightshift schedules …` */
export function scheduleCommands(
  program: Command,
  { terminal, command, run }: CommandHost,
  jobOptions: (target: Command) => Command,
): void {
  const schedules = program
    .command('schedules')
    .description('scans that start by the clock: list, add, change, remove, run, history');

  const whenOptions = (target: Command): Command =>
    target
      .option('--at <time>', 'once, like 2026-11-24T22:00 (with an offset: that very moment)')
      .option('--every <when>', 'like "mon-fri 22:00", "sat,sun 06:30" or "day 22:00"')
      .option('--cron <pattern>', 'minute, hour, day of the month, month, day of the week: "30 22 * * 1-5"')
      .option('--zone <zone>', 'whose clock is meant, like Europe/Berlin (default: that of this machine)')
      .option(
        '--hours <window>',
        'its scan runs in these hours only, like "mon-fri 22:00-06:00"; may be given again; none: at any time',
        another,
      )
      .option('--quiet <window>', 'its scan never runs in these; may be given again; none: takes them away', another)
      .addOption(new Option('--missed <policy>', 'what becomes of a run that was missed').choices([...missedPolicies]));

  // Without a word behind it: the list.
  command(schedules, 'list', 'the schedules there are, and when they run next', true).action((options: WithData) =>
    run(options, (session) => listSchedules(session, terminal)),
  );

  whenOptions(jobOptions(command(schedules, 'add', 'a scan that starts by the clock')))
    .argument('[path...]', 'folders, pictures, videos or patterns')
    .option('--name <name>', 'what the schedule and its scan are called')
    .action((paths: string[], options: WithData & ScanOptions & WhenOptions) =>
      run(options, (session) => addSchedule(session, terminal, paths, options)),
    );

  whenOptions(command(schedules, 'change', 'when it runs; what is left out stays as it is'))
    .argument('<schedule>', 'id or name')
    .option('--name <name>')
    .option('--enable', 'from now on it runs again')
    .option('--disable', 'it does not run until it is enabled')
    .action((wanted: string, options: WithData & Parameters<typeof changeSchedule>[3]) =>
      run(options, (session) => changeSchedule(session, terminal, wanted, options)),
    );

  command(schedules, 'remove', 'its scans and their results stay')
    .argument('<schedule...>', 'ids or names')
    .action((wanted: string[], options: WithData) =>
      run(options, (session) => removeSchedules(session, terminal, wanted)),
    );

  command(schedules, 'run', 'starts its scan now, whatever the hour, and follows it to its end')
    .argument('<schedule>', 'id or name')
    .action((wanted: string, options: WithData) => run(options, (session) => runSchedule(session, terminal, wanted)));

  command(schedules, 'history', 'what became of its runs, newest first')
    .argument('<schedule>', 'id or name')
    .action((wanted: string, options: WithData) =>
      run(options, (session) => scheduleHistory(session, terminal, wanted)),
    );
}
