import { expect, it } from 'vitest';
import { utilityExit } from './utility-exit.ts';

it.each([
  [0, 'linux', { code: 0, signal: null }],
  [1, 'linux', { code: 1, signal: null }],
  [9, 'linux', { code: null, signal: 'SIGKILL' }],
  [15, 'darwin', { code: null, signal: 'SIGTERM' }],
  [11, 'linux', { code: null, signal: 'SIGSEGV' }],
  [139, 'linux', { code: null, signal: 'SIGSEGV' }],
  [134, 'linux', { code: null, signal: 'SIGABRT' }],
  [9, 'win32', { code: 9, signal: null }],
  [0xc0000005, 'win32', { code: 0xc0000005, signal: null }],
])('%i on %s', (status, platform, expected) => {
  expect(utilityExit(status, platform)).toEqual(expected);
});
