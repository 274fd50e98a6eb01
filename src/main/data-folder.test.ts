import path from 'node:path';
import { expect, it } from 'vitest';
import { chosenDataDir } from './data-folder.ts';

it.each([
  [['electron', '.', '--data', '/d/one'], {}, '/d/one'],
  [['electron', '--data=/d/two', '.'], { NIGHTSHIFT_DATA: '/d/env' }, '/d/two'],
  [['electron', '.'], { NIGHTSHIFT_DATA: '/d/env' }, '/d/env'],
  [['electron', '.', '--data'], { NIGHTSHIFT_DATA: '/d/env' }, '/d/env'],
  [['electron', '.', '--data='], { XDG_DATA_HOME: '/d/share' }, '/d/share/nightshift'],
  [['electron', '.', '--database', '/d/no'], { XDG_DATA_HOME: '/d/share' }, '/d/share/nightshift'],
])('%j in %j', (argv, env, expected) => {
  expect(chosenDataDir(argv, env, 'linux')).toBe(expected);
});

it('makes a relative folder absolute', () => {
  expect(chosenDataDir(['--data', 'here'], {}, 'linux')).toBe(path.resolve('here'));
});
