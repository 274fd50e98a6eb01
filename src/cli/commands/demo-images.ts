import { fork } from 'node:child_process';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { NightshiftError } from '../../shared/errors.ts';
import { demoImageNumber, type DemoImagesNews, type DemoImagesOrder } from '../../shared/engine/demo-images.ts';
import { exitCode, type ExitCode } from '../exit-code.ts';
import { hostPaths } from '../paths.ts';
import { bar, type Terminal } from '../terminal.ts';

/** Numbers in names have seven digits. */
const MOST_PICTURES = 1_000_000;
const MOST_WORKERS = 8;

/**
 * Writes `count` pictures made from the demo footage into a folder of their own: other frames, crops and brightness, the
 * same bytes every time. Run again it goes on with what is missing.
 */
export async function demoImages(count: number, out: string, terminal: Terminal): Promise<ExitCode> {
  if (!Number.isInteger(count) || count < 1 || count > MOST_PICTURES) {
    throw new NightshiftError({
      kind: 'bad-input',
      message: `${String(count)} pictures cannot be made.`,
      hint: `Ask for 1 to ${String(MOST_PICTURES)}.`,
    });
  }
  const folder = resolve(out);
  const { resourcesDir, demoImagesFile } = hostPaths();
  const clips = await footage(join(resourcesDir, 'demo'));
  await mkdir(folder, { recursive: true });
  const there = await look(folder, count);
  const missing = Array.from({ length: count }, (_, number) => number).filter((number) => !there.has(number));
  const startMs = performance.now();
  let [written, bytes] = [0, 0];
  const parts = Math.min(MOST_WORKERS, availableParallelism(), Math.max(1, missing.length));
  const orders = Array.from({ length: parts }, (_, part) => ({ clips, folder, numbers: missing, part, parts }));
  const workers = orders.map((order) =>
    startWorker(demoImagesFile, order, (news) => {
      written += news.pictures;
      bytes += news.bytes;
      terminal.status(`${bar((there.size + written) / count)} ${String(there.size + written)} of ${String(count)}`);
    }),
  );
  try {
    if (missing.length > 0) await Promise.all(workers.map(({ ended }) => ended));
  } finally {
    for (const { end } of workers) end();
  }
  const seconds = Math.round(performance.now() - startMs) / 1000;
  terminal.result({ folder, pictures: count, written, found: there.size, bytes, seconds }, () => [
    `${String(count)} pictures in ${folder}: ${String(written)} written (${(bytes / 2 ** 20).toFixed(0)} MiB) in ${seconds.toFixed(1)} s, ${String(there.size)} were there.`,
  ]);
  return exitCode.done;
}

async function footage(folder: string): Promise<readonly string[]> {
  const night = await readdir(join(folder, 'night')).catch(() => []);
  const clips = night.filter((name) => name.endsWith('.mp4')).sort();
  if (clips.length === 0) {
    throw new NightshiftError({ kind: 'not-found', message: 'The demo footage is not installed.', where: folder });
  }
  return [join(folder, 'camera.mp4'), ...clips.map((name) => join(folder, 'night', name))];
}

/** Numbers of the pictures that are there already; a folder with anything else in it is not touched. */
async function look(folder: string, count: number): Promise<ReadonlySet<number>> {
  const there = new Set<number>();
  const unfinished: string[] = [];
  for (const name of await readdir(folder)) {
    const picture = demoImageNumber(name);
    if (picture === null || picture.number >= count) {
      throw new NightshiftError({
        kind: 'conflict',
        message:
          picture === null
            ? `The folder has other files in it (${name}).`
            : `The folder has more than ${String(count)} demo pictures in it (${name}).`,
        where: folder,
        hint: 'Name a new or empty folder, or one that this command made for as many pictures.',
      });
    }
    if (picture.whole) there.add(picture.number);
    else unfinished.push(name);
  }
  for (const name of unfinished) await rm(join(folder, name));
  return there;
}

type Written = Extract<DemoImagesNews, { type: 'written' }>;

function startWorker(
  file: string,
  order: DemoImagesOrder,
  written: (news: Written) => void,
): { readonly ended: Promise<void>; readonly end: () => void } {
  const child = fork(file, [], { execArgv: [], serialization: 'advanced', stdio: ['ignore', 2, 2, 'ipc'] });
  const ended = new Promise<void>((done, failed) => {
    let isDone = false;
    const fail = (reason: string): void => {
      failed(new NightshiftError({ kind: 'internal', message: `The demo pictures could not be made: ${reason}` }));
    };
    child.on('message', (news: DemoImagesNews) => {
      if (news.type === 'written') written(news);
      else if (news.type === 'done') isDone = true;
      else fail(news.reason);
    });
    child.on('error', (error) => {
      fail(error.message);
    });
    // After the last message; 'exit' alone may overtake it.
    child.on('close', (code, signal) => {
      if (isDone) done();
      else fail(`a worker ended (${signal ?? `code ${String(code)}`})`);
    });
  });
  child.send(order);
  return {
    ended,
    end: () => {
      child.kill('SIGKILL');
    },
  };
}
