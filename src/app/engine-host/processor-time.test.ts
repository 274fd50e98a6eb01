import { expect, test } from 'vitest';
import { processorMsIn, processorMsOf } from './processor-time.ts';

test('user and system time of a process whose name is no help', () => {
  const after = 'S 1 2 3 4 5 6 7 8 9 10 250 50 0 0 20 0 12 0';
  expect(processorMsIn(`4242 (a) name (b) ${after}`)).toBe(3_000);
  expect(processorMsIn('4242 (node)')).toBeNull();
});

test.runIf(process.platform === 'linux')('this very process has used some', async () => {
  const before = await processorMsOf(process.pid);
  expect(before).toBeGreaterThan(0);
  expect(Math.abs((before ?? 0) / 1_000 - process.cpuUsage().user / 1e6)).toBeLessThan(60);
});

test('where nobody tells, it is not known', async () => {
  expect(await processorMsOf(process.pid, 'win32')).toBeNull();
  expect(await processorMsOf(2 ** 30)).toBeNull();
});
