// Fetches what onnxruntime needs to run models on an NVIDIA card: its CUDA libraries, which are too large for the npm
// package, by onnxruntime-node's own install step. It needs nothing but Node's built-ins, says what it does in words,
// and looks at platform and driver before anything is downloaded.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const packageDir = join(root, 'node_modules', 'onnxruntime-node');
const installation = 'cuda12';
/** What the CUDA provider loads, by the packages that bring it; they come with NVIDIA's own installers. */
const alsoNeeded = {
  'libcudart.so.12': 'CUDA 12 runtime',
  'libcublas.so.12': 'CUDA 12 cuBLAS',
  'libcublasLt.so.12': 'CUDA 12 cuBLAS',
  'libcurand.so.10': 'CUDA 12 cuRAND',
  'libcufft.so.11': 'CUDA 12 cuFFT',
  'libcudnn.so.9': 'cuDNN 9',
};
const reachMs = 15_000;

const usage = `npm run fetch:cuda [-- --check | --anyway]
  --check   look at platform, driver, libraries and the way to the download, and fetch nothing
  --anyway  fetch also where no NVIDIA driver is found (an image that is built on another machine)`;

class Refusal extends Error {}

const say = (line) => process.stderr.write(`${line}\n`);
const [option, ...more] = process.argv.slice(2);
if (more.length > 0 || !['--check', '--anyway', undefined].includes(option)) {
  say(usage);
  process.exit(2);
}

try {
  const files = providerFiles();
  const card = checkDriver();
  checkLibraries();
  if (files.every((file) => existsSync(file)) && option !== '--anyway') {
    say(`The libraries are there already: ${files.join(', ')}.`);
  } else {
    const { index, name, version } = feed();
    await checkReach(index);
    if (option === '--check') say('Everything to fetch them is here: run it again without --check.');
    else await fetchLibraries(files, { name, version, index }, card);
  }
} catch (caught) {
  if (!(caught instanceof Refusal)) throw caught;
  say(`fetch:cuda: ${caught.message}`);
  process.exitCode = 1;
}

/** Where the libraries belong; refuses on systems that have none. */
function providerFiles() {
  const { requirements, manifests } = metadata();
  const platform = `${process.platform}/${process.arch}`;
  if (!(requirements[platform] ?? []).includes(installation)) {
    const instead = {
      win32: 'On Windows, DirectML and WebGPU are in the package already: nothing is to be fetched.',
      darwin: 'On macOS, Core ML and WebGPU are in the package already: nothing is to be fetched.',
    };
    throw new Refusal(
      `onnxruntime-node has CUDA libraries for Linux x64 only; this is ${platform}. ${
        instead[process.platform] ?? 'WebGPU is in the package already where the machine has a Vulkan driver.'
      }`,
    );
  }
  const folder = join(packageDir, 'bin', 'napi-v6', platform);
  return Object.keys(manifests[`${platform}:${installation}`]).map((file) => join(folder, file));
}

/** Feed, package and version that onnxruntime-node itself names for its own version. */
function feed() {
  const { packages, feeds } = metadata();
  const { name, versions } = packages[`nuget:${process.platform}/${process.arch}:${installation}`];
  const [first] = versions;
  return { index: feeds[first.feed].index, name, version: first.version };
}

function metadata() {
  const file = join(packageDir, 'script', 'install-metadata.js');
  if (!existsSync(file)) throw new Refusal(`${file} is missing: run npm ci first.`);
  return createRequire(import.meta.url)(file);
}

function checkDriver() {
  const smi = spawnSync('nvidia-smi', ['--query-gpu=name,driver_version', '--format=csv,noheader'], {
    encoding: 'utf8',
    timeout: 20_000,
  });
  if (smi.status === 0 && smi.stdout.trim() !== '') {
    const card = smi.stdout.trim().split('\n').join('; ');
    say(`NVIDIA driver: ${card}`);
    return card;
  }
  if (hasLibrary('libcuda.so.1')) {
    say('NVIDIA driver: libcuda.so.1 is there, but nvidia-smi says nothing.');
    return 'a card that nvidia-smi does not name';
  }
  if (option === '--anyway') {
    say('NVIDIA driver: none is found; fetching anyway.');
    return 'no card here';
  }
  throw new Refusal(
    'no NVIDIA driver is found (neither nvidia-smi nor libcuda.so.1). Install the driver for your card first; ' +
      'with --anyway the libraries are fetched without one.',
  );
}

/** Told, not refused: they can be installed afterwards. */
function checkLibraries() {
  const missing = Object.keys(alsoNeeded).filter((library) => !hasLibrary(library));
  if (missing.length === 0) {
    say('CUDA 12 and cuDNN 9: there.');
    return;
  }
  const packages = [...new Set(missing.map((library) => alsoNeeded[library]))].join(', ');
  say(`CUDA 12 and cuDNN 9: the loader does not find ${missing.join(', ')}.`);
  say(`  This step does not bring them: install ${packages} from NVIDIA, or name their folder in LD_LIBRARY_PATH.`);
}

function hasLibrary(name) {
  const folders = (process.env.LD_LIBRARY_PATH ?? '').split(':').filter((folder) => folder !== '');
  folders.push('/usr/local/cuda/lib64', '/usr/lib/wsl/lib');
  if (folders.some((folder) => existsSync(join(folder, name)))) return true;
  for (const ldconfig of ['ldconfig', '/sbin/ldconfig']) {
    const { status, stdout } = spawnSync(ldconfig, ['-p'], { encoding: 'utf8' });
    if (status === 0) return stdout.includes(`${name} `);
  }
  return false;
}

/** The install step itself would fail without a word of advice. */
async function checkReach(index) {
  // It goes through this proxy, and Node's own fetch does not.
  if (process.env.GLOBAL_AGENT_HTTPS_PROXY || process.env.GLOBAL_AGENT_HTTP_PROXY) return;
  const { host } = new URL(index);
  const answer = await Promise.race([
    fetch(index).then(
      (response) => (response.ok ? null : `it answers ${response.status}`),
      (caught) => caught.cause?.code ?? caught.message,
    ),
    wait(reachMs, `no answer within ${reachMs / 1000} s`, { ref: false }),
  ]);
  if (answer === null) return;
  throw new Refusal(
    `${host} cannot be reached (${answer}), and that is where onnxruntime's CUDA libraries come from. ` +
      'Behind a proxy, set GLOBAL_AGENT_HTTPS_PROXY=http://host:port. Without a way out, run this on a machine that ' +
      'has one (with --anyway) and copy node_modules/onnxruntime-node/bin/napi-v6/linux/x64/ over.',
  );
}

async function fetchLibraries(files, { name, version, index }, card) {
  say(`Fetching ${name} ${version} from ${new URL(index).host}, some hundred megabytes, for ${card}:`);
  const environment = { ...process.env, ONNXRUNTIME_NODE_INSTALL: installation };
  // The project's .npmrc switches the step off for every install; here it is wanted.
  for (const key of Object.keys(environment)) {
    if (key.toLowerCase().startsWith('npm_config_onnxruntime_node_install')) delete environment[key];
  }
  const child = spawn(process.execPath, [join(packageDir, 'script', 'install.js')], {
    cwd: packageDir,
    env: environment,
    stdio: ['ignore', process.stderr, process.stderr],
  });
  const code = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const missing = files.filter((file) => !existsSync(file));
  if (code !== 0 || missing.length > 0) {
    throw new Refusal(
      `onnxruntime-node's install step failed (exit ${code}); the reason stands above. Nothing else was changed.`,
    );
  }
  const loaded = spawnSync('ldd', [files[0]], { encoding: 'utf8' });
  const notFound = (loaded.stdout ?? '').split('\n').filter((line) => line.includes('not found'));
  for (const line of notFound) say(`  still missing: ${line.trim().split(' ')[0]}`);
  say(
    'Done. The next start measures cuda against the others and takes it where it is faster; doctor shows the numbers:',
  );
  say('  npm run -s nightshift -- doctor');
  say('A new npm ci removes the libraries; run this again after it.');
}
