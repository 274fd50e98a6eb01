import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test, type TestContext } from 'vitest';
import { freshDataDir } from '../fixtures/data-dir.ts';
import { electronRuntime } from '../runtime/electron-runtime.ts';
import { run } from './command.ts';

// The path over a graphics device, without one: every Electron carries SwiftShader, a Vulkan device in software.

interface Found {
  readonly class: string;
  readonly source: string;
  readonly box: readonly number[];
  readonly score: number;
}
interface Trial {
  readonly provider: string;
  readonly result: { readonly works: boolean; readonly why?: string; readonly runs?: readonly { batch: number }[] };
}

const boxes = [
  { colour: '#e61919', left: 12, top: 20, width: 40, height: 30 },
  { colour: '#19e619', left: 90, top: 80, width: 50, height: 60 },
  { colour: '#1919e6', left: 60, top: 10, width: 24, height: 24 },
];
let folder: Awaited<ReturnType<typeof freshDataDir>>;
const at = (...names: string[]): string => join(folder.path, ...names);

beforeAll(async () => {
  folder = await freshDataDir();
  await mkdir(at('pictures'));
  // Three pictures make a chunk that a device gets with four places.
  for (const [n, shift] of [0, 3, 7].entries()) {
    const drawn = boxes.map(({ colour, left, top, width, height }) => ({
      input: { create: { width, height, channels: 3 as const, background: colour } },
      left: left + shift,
      top: top + shift,
    }));
    const grey = { create: { width: 160, height: 160, channels: 3 as const, background: '#727272' } };
    await sharp(grey)
      .composite(drawn)
      .png()
      .toFile(at('pictures', `${String(n)}.png`));
  }
});
afterAll(() => folder.remove());

/** Environment of a process that sees the software device; skips the test where there is none. */
async function softwareDevice(context: TestContext): Promise<Readonly<Record<string, string>>> {
  const isHere = process.platform === 'linux' && process.arch === 'x64';
  context.skip(!isHere, 'the Electron that carries SwiftShader for these tests is for Linux x64');
  const found = await electronRuntime().then(
    (binary) => join(dirname(binary), 'vk_swiftshader_icd.json'),
    (caught: unknown) => caught,
  );
  const icd = typeof found === 'string' && existsSync(found) ? found : '';
  context.skip(icd === '', `there is no SwiftShader (${String(found)})`);
  return { VK_ICD_FILENAMES: icd, VK_DRIVER_FILES: icd };
}

const scan = (data: string, env: Readonly<Record<string, string>>) =>
  run(['scan', at('pictures'), '--model', 'tiny-colour', '--tier', 'fast', '--data', at(data), '--json'], env);

async function found(data: string): Promise<readonly Found[]> {
  await run(['report', '--format', 'json', '--out', at(`${data}.json`), '--data', at(data)]);
  return (JSON.parse(await readFile(at(`${data}.json`), 'utf8')) as { detections: Found[] }).detections;
}

test('webgpu finds what the CPU finds; what is fastest is measured once and kept', async (context) => {
  const device = await softwareDevice(context);
  const measured = await scan('measured', device);
  expect(measured, measured.stderr).toMatchObject({ code: 0 });
  const db = new Database(at('measured', 'nightshift.db'), { readonly: true });
  const row = db.prepare("SELECT value FROM settings WHERE key = 'provider-trials'").get() as { value: string };
  db.close();
  const [{ trials }] = JSON.parse(row.value) as [{ trials: readonly Trial[] }];
  const resultOf = (name: string): Trial['result'] | undefined =>
    trials.find(({ provider }) => provider === name)?.result;
  expect(resultOf('webgpu')?.runs?.[0], JSON.stringify(trials)).toMatchObject({ batch: 1 });
  expect(resultOf('cpu')).toMatchObject({ works: true, runs: [{ batch: 1 }, { batch: 8 }] });
  expect(resultOf('cuda')?.works).toBe(false);

  // Named alone, it runs there or not at all.
  const onDevice = await scan('webgpu', { ...device, NIGHTSHIFT_PROVIDERS: 'webgpu' });
  expect(onDevice, onDevice.stderr).toMatchObject({ code: 0, json: { items: { done: 3, failed: 0 } } });
  // A device in software is many times slower than the CPU itself, so that is where the first scan ran.
  const [cpu, webgpu] = [await found('measured'), await found('webgpu')];
  expect(cpu).toHaveLength(9);
  expect(webgpu.map((one) => [one.source, one.class])).toEqual(cpu.map((one) => [one.source, one.class]));
  for (const [n, one] of webgpu.entries()) {
    one.box.forEach((side, index) => expect(Math.abs(side - (cpu[n]?.box[index] ?? NaN))).toBeLessThan(0.1));
    expect(Math.abs(one.score - (cpu[n]?.score ?? NaN))).toBeLessThan(0.01);
  }
});

test('without an adapter there is the CPU', async (context) => {
  context.skip(process.platform !== 'linux', 'other systems always have an adapter');
  const none = { VK_ICD_FILENAMES: '/nonexistent/none.json', VK_DRIVER_FILES: '/nonexistent/none.json' };
  const withCpu = await scan('none', { ...none, NIGHTSHIFT_PROVIDERS: 'webgpu,cpu' });
  expect(withCpu, withCpu.stderr).toMatchObject({ code: 0, json: { items: { done: 3 } } });
});
