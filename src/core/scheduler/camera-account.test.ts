import { expect, test } from 'vitest';
import {
  accountStatus,
  countAnalysed,
  countCaptured,
  countDropped,
  countLost,
  createCameraAccount,
} from './camera-account.ts';

test('captured = analysed + dropped + waiting', () => {
  const account = createCameraAccount();
  for (let frame = 0; frame < 10; frame += 1) countCaptured(account);
  countLost(account, 'no-buffer', 3);
  for (let frame = 0; frame < 6; frame += 1) countAnalysed(account, 40, 200, 1_000);
  countDropped(account, 'queue-full');
  countDropped(account, 'too-late');
  countDropped(account, 'too-late');
  expect(accountStatus(account, 1_000)).toMatchObject({
    captured: 13,
    analysed: 6,
    dropped: { 'no-buffer': 3, 'queue-full': 1, 'too-late': 2 },
    waiting: 1,
    latencyMs: { p50: 40, p95: 40, p99: 40 },
    missShare: 0.5,
    missBudget: 0.05,
    sloMet: false,
  });
});

test('the SLO is met at 95 of 100, not at 94: late results and drops are both misses', () => {
  const account = createCameraAccount();
  for (let frame = 0; frame < 100; frame += 1) countCaptured(account);
  for (let frame = 0; frame < 95; frame += 1) countAnalysed(account, 200, 200, 0);
  countAnalysed(account, 201, 200, 0);
  countDropped(account, 'stopped', 4);
  expect(accountStatus(account, 0).sloMet).toBe(true);
  countCaptured(account);
  countAnalysed(account, 201, 200, 0);
  expect(accountStatus(account, 0).sloMet).toBe(false);
});

test('a camera that captured nothing has met no SLO', () => {
  expect(accountStatus(createCameraAccount(), 0)).toMatchObject({ sloMet: false, latencyMs: null, missShare: 0 });
});
