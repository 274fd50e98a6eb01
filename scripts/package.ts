import { spawn } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';

// `npm run package`: installers for this platform into dist/. Arguments go to electron-builder (`-- --dir`: no
// installer, only the folder).

const root = join(import.meta.dirname, '..');

/** What electron-builder reports when a part that it downloads cannot be had. */
const unreachable =
  /(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|cannot resolve|getaddrinfo|status code [45]\d\d)/i;

async function drawIcon(): Promise<void> {
  const folder = join(root, '.cache', 'packaging');
  await mkdir(folder, { recursive: true });
  await sharp(join(root, 'src', 'renderer', 'public', 'icon.svg'), { density: 2304 })
    .resize(1024, 1024)
    .png()
    .toFile(join(folder, 'icon.png'));
}

async function runBuilder(args: readonly string[]): Promise<{ code: number; output: string }> {
  const tool = join(root, 'node_modules', 'electron-builder', 'cli.js');
  const child = spawn(process.execPath, [tool, '--publish', 'never', ...args], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const [stream, target] of [
    [child.stdout, process.stdout],
    [child.stderr, process.stderr],
  ] as const) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      target.write(chunk);
    });
  }
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  return { code: code ?? 1, output };
}

await drawIcon();
const { code, output } = await runBuilder(process.argv.slice(2));
if (code !== 0) {
  const reason = unreachable.test(output)
    ? 'the download host of Electron or of an installer tool is out of reach; everything before that was done'
    : 'electron-builder failed; its messages are above';
  console.error(`nightshift: no package: ${reason}.`);
}
process.exitCode = code;
