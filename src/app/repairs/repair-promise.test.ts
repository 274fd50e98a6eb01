import { test } from 'vitest';
import { costsNoMore } from './testing/repair-cost.ts';

test('a repair costs a live camera no more than a scan of as many frames does', async () => {
  await costsNoMore(1, 60);
}, 60_000);
