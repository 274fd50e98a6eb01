import { test } from 'vitest';
import { costsNoMore } from './testing/repair-cost.ts';

const seeds = Array.from({ length: 30 }, (_, index) => 2 + index);

test.each(seeds)(
  'a repair costs a live camera no more than a scan of as many frames does, device and camera %i',
  async (seed) => {
    await costsNoMore(seed, 200);
  },
  60_000,
);
