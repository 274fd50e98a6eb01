import { Option, type Command } from 'commander';
import { cameraWeights } from '../shared/domain/camera.ts';
import { tierNames } from '../shared/domain/model.ts';
import {
  addCamera,
  importCameras,
  listCameras,
  removeCameras,
  setPassword,
  type AddOptions,
  type ImportOptions,
} from './commands/cameras.ts';
import type { ExitCode } from './exit-code.ts';
import type { Session } from './session.ts';
import type { Terminal } from './terminal.ts';

/** Where the commands about cameras get what all commands have. */
export interface CommandHost {
  readonly terminal: Terminal;
  /** A command with the options that all have, below `parent`. */
  readonly command: (parent: Command, name: string, description: string, isDefault?: boolean) => Command;
  readonly run: (options: { readonly data: string }, work: (session: Session) => Promise<ExitCode>) => Promise<void>;
  readonly positive: (text: string) => number;
}

type WithData = { readonly data: string };

/** `nightshift cameras …` */
export function cameraCommands(program: Command, { terminal, command, run, positive }: CommandHost): void {
  const cameras = program.command('cameras').description('the cameras of the data folder: list, add, remove, import');

  // Without a word behind it: the list, as ever.
  command(cameras, 'list', 'the cameras there are', true).action((options: WithData) =>
    run(options, (session) => listCameras(session, terminal)),
  );

  command(cameras, 'add', 'one camera; with --user its password is asked for, or read from standard input')
    .argument('<name>')
    .argument('<url>', 'rtsp:, rtsps:, http:, https:, file: or test:; a password in it could be read by other users')
    .option('--user <name>')
    .option('--large <url>', 'its large stream, opened for recording and for the enlarged tile only')
    .option('--group <name>', 'cameras that belong together')
    .option('--fps <n>', 'analysed frames a second', positive, 5)
    .option('--slo <ms>', 'promised time from capture to result', positive, 200)
    .addOption(new Option('--weight <weight>', 'who gives way').choices([...cameraWeights]).default('normal'))
    .addOption(new Option('--tier <tier>', 'input size').choices([...tierNames]).default('normal'))
    .option('--allow-loopback', 'http: and https: cameras on this machine itself too', false)
    .action((name: string, url: string, options: WithData & AddOptions) =>
      run(options, (session) => addCamera(session, terminal, name, url, options)),
    );

  command(cameras, 'remove', 'their results stay')
    .argument('<camera...>', 'ids or names')
    .action((wanted: string[], options: WithData) =>
      run(options, (session) => removeCameras(session, terminal, wanted)),
    );

  command(cameras, 'set-password', 'for one or many cameras; the password is asked for, or read from standard input')
    .argument('<camera...>', 'ids or names')
    .option('--user <name>', 'left out: they want no login any more')
    .action((wanted: string[], options: WithData & { readonly user?: string }) =>
      run(options, (session) => setPassword(session, terminal, wanted, options.user)),
    );

  command(cameras, 'import', 'many cameras out of a list: all of them, or none where a row has a problem')
    .argument('<file>', '.csv with the names of the columns in its first line, or .json: an array of objects')
    .option('--dry-run', 'only says what is wrong with which row', false)
    .option('--good', 'adds the rows that have no problem', false)
    .option('--allow-loopback', 'http: and https: cameras on this machine itself too', false)
    .action((file: string, options: WithData & ImportOptions) =>
      run(options, (session) => importCameras(session, terminal, file, options)),
    );
}
