import { expect, test } from 'vitest';
import type { ProviderMeasurement } from '../../shared/engine/protocol.ts';
import type { EngineChannel } from '../ports.ts';
import { testWork } from '../testing/test-work.ts';
import type { LikelyProviders } from './likely-providers.ts';
import { ProviderKeeper, type ProviderKeeperOptions } from './provider-keeper.ts';
import { answeringChannel } from './testing/answering-channel.ts';
import { keptSettings } from './testing/kept-settings.ts';

const { model } = testWork();
const { sha256, id } = model.manifest;
const withCard: LikelyProviders = {
  candidates: [
    { provider: 'cuda', unlikely: 'no NVIDIA card with its driver is here' },
    { provider: 'webgpu', unlikely: null },
    { provider: 'cpu', unlikely: null },
  ],
  devices: ['Test card'],
};
const cpuAlone: LikelyProviders = { candidates: [{ provider: 'cpu', unlikely: null }], devices: [] };

const measured = (aloneMs: number): ProviderMeasurement => ({
  works: true,
  openMs: 1,
  firstRunMs: 1,
  runs: [{ batch: 1, runMs: aloneMs }],
});

/** A machine of these providers, with settings that outlive a keeper. */
class Machine {
  readonly settings = new Map<string, string>();
  readonly results: Record<string, ProviderMeasurement | 'crashes'>;
  readonly measured: string[] = [];
  readonly changed: string[] = [];
  readonly trying: (string | null)[] = [];
  nowMs = 0;

  constructor(results: Record<string, ProviderMeasurement | 'crashes'>) {
    this.results = results;
  }

  async keeper(change: Partial<ProviderKeeperOptions> = {}): Promise<ProviderKeeper> {
    const keeper = new ProviderKeeper({
      store: keptSettings(this.settings),
      spawn: () => Promise.resolve(this.#engine()),
      clock: { monoMs: () => this.nowMs, epochMs: () => this.nowMs },
      log: { info: () => undefined, warn: () => undefined, error: () => undefined },
      intraOpThreads: 1,
      likely: () => Promise.resolve(withCard),
      pinned: null,
      onnxruntimeVersion: () => Promise.resolve('1.30.0'),
      trying: (text) => this.trying.push(text),
      changed: (modelId) => this.changed.push(modelId),
      ...change,
    });
    await keeper.load();
    return keeper;
  }

  #engine(): EngineChannel {
    return answeringChannel((request) => {
      if (request.type !== 'measure-provider') return 'hangs';
      this.measured.push(request.provider);
      return this.results[request.provider] ?? { works: false, why: 'not here' };
    });
  }
}

test('measured once, kept, and not measured again at the next start', async () => {
  const machine = new Machine({ webgpu: measured(2), cpu: measured(10) });
  const first = await machine.keeper();
  expect(first.choice(sha256).providers.live).toEqual(['cpu']); // nothing is known yet
  await Promise.all([first.settle(model), first.settle(model)]);
  expect(machine.measured).toEqual(['webgpu', 'cpu']);
  expect(machine.trying.at(-1)).toBeNull();
  expect(first.choice(sha256)).toMatchObject({
    providers: { live: ['webgpu', 'cpu'] },
    tried: [
      { provider: 'cuda', taken: false, why: withCard.candidates[0]?.unlikely },
      { taken: true },
      { taken: false },
    ],
  });
  expect(first.placeOf(sha256, 'live')).toEqual({ device: 'Test card', provider: 'webgpu' });

  const second = await machine.keeper();
  expect(second.choice(sha256).providers.live).toEqual(['webgpu', 'cpu']);
  await second.settle(model);
  expect(machine.measured).toHaveLength(2);
});

test('another onnxruntime, another card: measured again', async () => {
  const machine = new Machine({ webgpu: measured(2), cpu: measured(10) });
  await (await machine.keeper()).settle(model);
  await (await machine.keeper({ onnxruntimeVersion: () => Promise.resolve('1.31.0') })).settle(model);
  expect(machine.measured).toHaveLength(4);
  const likely = () => Promise.resolve({ ...withCard, devices: ['Another card'] });
  const other = await machine.keeper({ likely });
  expect(other.choice(sha256).providers.live).toEqual(['cpu']);
  await other.settle(model);
  expect(machine.measured).toHaveLength(6);
});

test('with the CPU alone nothing waits and nothing is tried; asked for, everything is', async () => {
  const machine = new Machine({ cpu: measured(10) });
  const alone = await machine.keeper({ likely: () => Promise.resolve(cpuAlone) });
  expect(alone.settle(model)).toBeNull();
  expect(await alone.measure(model, 'likely')).toMatchObject({ changed: false });
  expect(machine.measured).toEqual([]);
  const carded = await machine.keeper();
  expect(await carded.measure(model, 'all')).toMatchObject({ changed: false });
  expect(machine.measured).toEqual(['cuda', 'webgpu', 'cpu']);
});

test('a provider that ends the engine which tries it is tried once', async () => {
  const machine = new Machine({ webgpu: 'crashes', cpu: measured(10) });
  const first = await machine.keeper();
  await first.settle(model);
  expect(first.choice(sha256)).toMatchObject({ providers: { live: ['cpu'] } });
  expect(first.choice(sha256).tried[1]?.why).toContain('SIGSEGV');
  await (await machine.keeper()).settle(model);
  expect(machine.measured).toEqual(['webgpu', 'cpu']);
});

test('a device that ends the working engine is set aside: at once while it is prepared, else after four times', async () => {
  const machine = new Machine({ webgpu: measured(2), cpu: measured(10) });
  const keeper = await machine.keeper();
  await keeper.settle(model);
  expect(keeper.engineEnded('ended-from-outside', true)).toBe(false);
  expect(keeper.engineEnded('crashed', true)).toBe(true);
  expect(keeper.choice(sha256)).toMatchObject({ providers: { live: ['cpu'], archive: ['cpu'] } });
  expect(keeper.choice(sha256).tried[1]).toMatchObject({
    taken: false,
    why: expect.stringContaining('until the next') as string,
  });

  const next = await machine.keeper();
  expect(next.choice(sha256).providers.live).toEqual(['webgpu', 'cpu']);
  const ends: boolean[] = [];
  for (const atMs of [0, 700_000, 800_000, 900_000, 1_000_000]) {
    machine.nowMs = atMs;
    ends.push(next.engineEnded('hung', false));
  }
  expect(ends).toEqual([false, false, false, false, true]);
  expect((await next.measure(model, 'likely')).changed).toBe(true);
});

test('a chosen device that is gone when the model is opened: the CPU, told with the reason', async () => {
  const machine = new Machine({ webgpu: measured(2), cpu: measured(10) });
  const keeper = await machine.keeper();
  await keeper.settle(model);
  machine.changed.length = 0;
  const opened = keeper.opened(model, {
    providers: { live: 'cpu', archive: 'cpu' },
    tried: [
      { provider: 'webgpu', taken: false, why: 'no adapter' },
      { provider: 'cpu', taken: true, why: 'the next choice' },
    ],
    loadMs: 5,
  });
  expect(opened.tried).toMatchObject([{ why: 'no adapter' }, { taken: true }, { provider: 'cuda' }]);
  expect(keeper.placeOf(sha256, 'archive')).toEqual({ device: 'CPU', provider: 'cpu' });
  expect(machine.changed).toEqual([id]);
});

test('named at the start, nothing is measured', async () => {
  const machine = new Machine({});
  const keeper = await machine.keeper({ pinned: ['webgpu', 'cpu'] });
  expect(keeper.settle(model)).toBeNull();
  expect(keeper.choice(sha256).providers.archive).toEqual(['webgpu', 'cpu']);
  expect(keeper.places()).toHaveLength(2);
  expect(machine.measured).toEqual([]);
});
