import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { freshDataDir } from '../fixtures/data-dir.ts';
import { Command, run } from './command.ts';

interface SweepJson {
  readonly batches: readonly {
    readonly batch: number;
    readonly used: number;
    readonly pictures: number;
    readonly imagesPerSecond: number;
    readonly residentBytes: number;
    readonly per10000: { readonly seconds: number; readonly cost: number };
  }[];
  readonly recommendation: { readonly batch: number; readonly why: string };
  readonly resumed: boolean;
  readonly framesTwice: number;
}

let folder: Awaited<ReturnType<typeof freshDataDir>>;
beforeEach(async () => {
  folder = await freshDataDir();
});
afterEach(() => folder.remove());
const at = (...names: string[]): string => join(folder.path, ...names);
const demoImages = (count: number) => run(['demo-images', String(count), '--out', at('pictures'), '--json']);
const bytesOf = (name: string): Buffer => readFileSync(at('pictures', name));

test('a sweep that is killed goes on: every picture once at each size, and a table', async () => {
  expect(await demoImages(60)).toMatchObject({ code: 0, json: { written: 60, found: 0 } });
  const names = readdirSync(at('pictures'));
  const first = bytesOf(names[0]!);
  expect(new Set(names.map((name) => bytesOf(name).toString('base64'))).size).toBe(60);

  const args = ['sweep', at('pictures'), '--batches', '2,8', '--model', 'tiny-colour', '--data', at('data'), '--json'];
  const killed = new Command(args);
  const isAtWork = (): boolean =>
    existsSync(at('data', 'sweep')) &&
    readdirSync(at('data', 'sweep'), { recursive: true }).some((name) => String(name).endsWith('sweep.json'));
  await killed.until(isAtWork, 60_000, 'something measured');
  killed.child.kill('SIGKILL');
  await killed.finished();

  const { code, stderr, json } = await run<SweepJson>(args);
  expect(code, stderr).toBe(0);
  expect(json).toMatchObject({ resumed: true, framesTwice: 0 });
  for (const row of json.batches) {
    expect(row.pictures).toBe(60);
    expect(row.used).toBeGreaterThanOrEqual(2);
    expect(row.used).toBeLessThanOrEqual(row.batch);
    expect(row.imagesPerSecond).toBeGreaterThan(0);
    expect(row.residentBytes).toBeGreaterThan(2 ** 25);
    expect(row.per10000.seconds).toBeCloseTo(10_000 / row.imagesPerSecond, -1);
    expect(row.per10000.cost).toBeGreaterThan(0);
  }
  expect([2, 8]).toContain(json.recommendation.batch);
  expect(json.recommendation.why).toContain('3 %');
  expect(stderr).toMatch(/\| batch \| pictures\/s .*\n.*\n\| 2 \| [\d.]+ .*\n\| 8 /);
  expect(existsSync(at('data', 'sweep', 'sweep.json'))).toBe(false);

  // The pictures are the same every time, and go on from what is there.
  expect(await demoImages(60)).toMatchObject({ code: 0, json: { written: 0, found: 60 } });
  expect(bytesOf(names[0]!).equals(first)).toBe(true);
  const fewer = await demoImages(59);
  expect(fewer.code).toBe(1);
  expect(fewer.stderr).toContain('more than 59');
});
