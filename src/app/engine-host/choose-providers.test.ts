import { expect, test } from 'vitest';
import { chooseProviders, type ProviderTrial } from './choose-providers.ts';

const works = (provider: string, aloneMs: number, eightMs: number, startMs = 50): ProviderTrial => ({
  provider,
  result: {
    works: true,
    openMs: startMs,
    firstRunMs: 10,
    runs: [
      { batch: 1, runMs: aloneMs },
      { batch: 8, runMs: eightMs },
    ],
  },
});
const fails = (provider: string, why: string): ProviderTrial => ({ provider, result: { works: false, why } });

test('what works and is slower is told with both numbers; what does not work, with its reason', () => {
  const { providers, tried } = chooseProviders([
    fails('cuda', 'no NVIDIA card'),
    works('webgpu', 131, 1_040),
    works('cpu', 10, 72),
  ]);
  expect(providers).toEqual({ live: ['cpu'], archive: ['cpu'] });
  expect(tried).toEqual([
    { provider: 'cuda', taken: false, why: 'no NVIDIA card' },
    {
      provider: 'webgpu',
      taken: false,
      why: "works, 131 ms a picture, 130 ms in batches of 8 against cpu's 10 ms and 9.0 ms",
    },
    { provider: 'cpu', taken: true, why: '10 ms a picture, 9.0 ms in batches of 8' },
  ]);
});

test('the fastest for each need: cameras and scans may run on different devices', () => {
  const both = chooseProviders([works('cuda', 2, 4), works('webgpu', 3, 9), works('cpu', 10, 72)]);
  expect(both.providers).toEqual({ live: ['cuda', 'cpu'], archive: ['cuda', 'cpu'] });
  const split = chooseProviders([works('webgpu', 14, 24), works('cpu', 10, 72)]);
  expect(split.providers).toEqual({ live: ['cpu'], archive: ['webgpu', 'cpu'] });
  expect(split.tried.map(({ taken, why }) => [taken, why.split(':')[0]])).toEqual([
    [true, 'for scans'],
    [true, 'for cameras'],
  ]);
  // A second device that is hardly better for scans is not worth it.
  const near = chooseProviders([works('cuda', 2, 8.2), works('webgpu', 3, 8), works('cpu', 10, 72)]);
  expect(near.providers.archive).toEqual(['cuda', 'cpu']);
});

test('a win below 10 % is noise, and a start of half a minute is too much', () => {
  expect(chooseProviders([works('webgpu', 9.5, 70), works('cpu', 10, 72)]).providers.live).toEqual(['cpu']);
  const slow = chooseProviders([works('tensorrt', 1, 4, 95_000), works('cpu', 10, 72)]);
  expect(slow.providers.live).toEqual(['cpu']);
  expect(slow.tried[0]?.why).toContain('every start would wait 95 s');
});

test('without a measurement there is the CPU', () => {
  expect(chooseProviders([]).providers).toEqual({ live: ['cpu'], archive: ['cpu'] });
  const unmeasured = chooseProviders([
    fails('webgpu', 'no Vulkan driver is installed'),
    { provider: 'cpu', result: { works: true, openMs: 0, firstRunMs: 0, runs: [] } },
  ]);
  expect(unmeasured.tried[1]).toEqual({ provider: 'cpu', taken: true, why: 'nothing else is here' });
});
