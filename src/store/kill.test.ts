import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { databaseName } from './client.ts';
import { folderForEachTest } from './testing/each-test.ts';
import { judgeResults } from './testing/results-oracle.ts';

const night = process.env['NIGHTSHIFT_NIGHT'] === '1';
const kills = Number(process.env['NIGHTSHIFT_KILLS'] ?? (night ? 1_000 : 32));
/** More than the child can finish before its last kill. */
const items = 400 + kills * 4;
/** The whole store is judged this often, and after the last kill. */
const judgeEvery = Math.max(8, Math.ceil(kills / 32));
const seed = Number(process.env['NIGHTSHIFT_SEED'] ?? 20_261);
const child = fileURLToPath(new URL('./testing/committing-child.ts', import.meta.url));

const folder = folderForEachTest();

/** mulberry32: the same kills again under the same seed, as far as the machine's timing allows. */
function randomFrom(state: number): () => number {
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Runs the child and kills it: every fourth time while it still opens the store, else soon after its first commit. */
async function killOnce(
  mode: 'real' | 'naive',
  acknowledged: Map<number, number>,
  random: () => number,
  round: number,
) {
  const running = spawn(process.execPath, [child, folder.path, mode, String(items)], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const complaints: string[] = [];
  running.stderr.on('data', (chunk: Buffer) => complaints.push(chunk.toString()));
  const ended = once(running, 'close') as Promise<[number | null, string | null]>;
  const kill = (afterMs: number) => setTimeout(() => running.kill('SIGKILL'), afterMs);
  let timer = round % 4 === 3 ? kill(random() * 250) : undefined;
  createInterface({ input: running.stdout }).on('line', (line) => {
    const [index, cursor] = line.split(' ').map(Number);
    if (index === undefined || cursor === undefined) return;
    acknowledged.set(index, Math.max(acknowledged.get(index) ?? 0, cursor));
    timer ??= kill(random() * 60);
  });
  const [, signal] = await ended;
  clearTimeout(timer);
  expect(signal, complaints.join('')).toBe('SIGKILL');
}

test(
  `${kills} kills -9 at random moments: nothing acknowledged is lost, nothing is there twice`,
  async () => {
    const random = randomFrom(seed);
    const acknowledged = new Map<number, number>();
    for (let round = 0; round < kills; round++) {
      await killOnce('real', acknowledged, random, round);
      const which = round % judgeEvery === judgeEvery - 1 || round === kills - 1 ? 'all' : 'unfinished';
      const wrong = judgeResults(join(folder.path, databaseName), acknowledged, which);
      expect(wrong, `seed ${seed}, kill ${round + 1}`).toEqual([]);
    }
    const frames = [...acknowledged.values()].reduce((sum, cursor) => sum + cursor, 0);
    console.log(`${kills} kills, seed ${seed}: 0 lost, 0 duplicate in ${frames} acknowledged frames`);
    expect(frames).toBeGreaterThan(kills);
  },
  60_000 + kills * 3_000,
);

test('the same kills catch a writer that commits rows and cursor apart', async () => {
  const random = randomFrom(seed);
  const acknowledged = new Map<number, number>();
  let wrong: string[] = [];
  for (let round = 0; round < 40 && wrong.length === 0; round++) {
    await killOnce('naive', acknowledged, random, 0);
    wrong = judgeResults(join(folder.path, databaseName), acknowledged);
  }
  expect(wrong.join('\n')).toMatch(/at or after the cursor/);
}, 50_000);
