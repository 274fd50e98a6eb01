import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freshDataDir } from '../fixtures/data-dir.ts';
import { Command, demoNight, isAlive, run } from './command.ts';

/** `kill -9` needs no mercy and no cooperation: what it leaves is what the disk has. */
const kills = Number(process.env['NIGHTSHIFT_KILLS'] ?? (process.env['NIGHTSHIFT_NIGHT'] === '1' ? 10 : 2));
/** In the test's name, so that a failure can be had again. */
const seed = Number(process.env['NIGHTSHIFT_SEED'] ?? Date.now() % 1_000_000);
const spec = [demoNight, '--fps', '10', '--tier', 'fast', '--name', 'Night', '--job', 'night'];

interface ScanJson {
  readonly items: { readonly total: number; readonly done: number; readonly skipped: number; readonly failed: number };
  readonly frames: number;
  readonly resumed: { readonly atProgress: number } | null;
}

async function jsonReport(data: string): Promise<string> {
  const file = join(data, 'report.json');
  const { code } = await run(['report', '--format', 'json', '--out', file, '--job', 'night', '--data', data]);
  expect(code).toBe(0);
  return readFileSync(file, 'utf8');
}

/** Committed frames, read beside the owner. */
function committedFrames(data: string): number {
  const file = join(data, 'nightshift.db');
  if (!existsSync(file)) return 0;
  const db = new Database(file, { readonly: true, fileMustExist: true });
  try {
    return (db.prepare('SELECT coalesce(sum(cursor), 0) AS frames FROM items').get() as { frames: number }).frames;
  } catch {
    return 0; // the first migration is still on its way
  } finally {
    db.close();
  }
}

describe('a scan that is killed', () => {
  const folders: { path: string; remove: () => Promise<void> }[] = [];
  let undisturbed = '';
  let totalFrames = 0;

  async function fresh(): Promise<string> {
    const folder = await freshDataDir();
    folders.push(folder);
    return folder.path;
  }

  beforeAll(async () => {
    const data = await fresh();
    const { code, json } = await run<ScanJson>(['scan', ...spec, '--data', data, '--json']);
    expect(code).toBe(0);
    totalFrames = json.frames;
    undisturbed = await jsonReport(data);
  }, 120_000);

  afterAll(async () => {
    for (const folder of folders) await folder.remove();
  });

  test('twice in its engine, ends as if nothing had happened, with one notice each', async () => {
    const data = await fresh();
    const command = new Command(['scan', ...spec, '--data', data, '--json']);
    let killed: number | null = null;
    for (const share of [0.2, 0.6]) {
      await command.until(
        () => committedFrames(data) > totalFrames * share,
        60_000,
        `${String(share * 100)} % committed`,
      );
      const before: number | null = killed;
      const engine: number = await command.until(
        (): number | null => {
          const pid = command.enginePid();
          return pid === before ? null : pid;
        },
        10_000,
        'another engine',
      );
      process.kill(engine, 'SIGKILL');
      killed = engine;
    }
    const { code, json } = await command.finished<ScanJson>();
    expect(code).toBe(0);
    expect(json.items).toMatchObject({ done: 15, failed: 0 });
    const db = new Database(join(data, 'nightshift.db'), { readonly: true });
    const notices = db.prepare("SELECT count(*) AS n FROM notices WHERE topic = 'engine-lost'").get();
    db.close();
    expect(notices).toEqual({ n: 2 });
    expect(await jsonReport(data)).toBe(undisturbed);
  }, 180_000);

  test(`whole, at ${String(kills)} random moments (seed ${String(seed)}), and started again each time: the report is byte-equal and nobody is left behind`, async () => {
    const data = await fresh();
    const moments = Array.from({ length: kills }, random(seed)).sort((a, b) => a - b);
    let resumes = 0;
    for (const moment of moments) {
      const command = new Command(['scan', ...spec, '--data', data, '--json']);
      const goal = Math.max(committedFrames(data) + 1, Math.floor(moment * totalFrames));
      await command.until(
        () => committedFrames(data) >= goal,
        60_000,
        `${String(goal)} frames (moment ${String(moment)})`,
      );
      const engine = command.enginePid();
      command.child.kill('SIGKILL');
      const { signal } = await command.finished();
      expect(signal).toBe('SIGKILL');
      if (engine !== null)
        await expect
          .poll(() => isAlive(engine), { timeout: 5_000, message: 'the engine outlived its host' })
          .toBe(false);
      if (/resumed at \d+ %/.test(command.stderr)) resumes += 1;
    }
    const { code, json, stderr } = await run<ScanJson>(['scan', ...spec, '--data', data, '--json']);
    expect(code).toBe(0);
    expect(stderr).toMatch(/resumed at \d+ %, 0 done twice/);
    expect(json.resumed?.atProgress).toBeGreaterThan(0);
    expect(resumes).toBe(kills - 1);
    expect(await jsonReport(data)).toBe(undisturbed);
  }, 300_000);
});

/** Mulberry32: small, seeded, good enough to choose moments. */
function random(from: number): () => number {
  let state = from >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
