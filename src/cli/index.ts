import { runCli } from './run-cli.ts';

void runCli(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
  // Whatever a native library still holds open must not keep a finished command alive.
  process.stdout.write('', () => process.exit(code));
});
