import { expect, test } from 'vitest';
import { parseMomentSubject, subjectAt } from './moment-subject.ts';

test('an address names a camera, and a moment where there is one', () => {
  expect(parseMomentSubject(subjectAt('cam@7', 1_800_000_000_000.4))).toEqual({ id: 'cam@7', atMs: 1_800_000_000_000 });
  expect(parseMomentSubject('cam')).toEqual({ id: 'cam', atMs: null });
  expect(parseMomentSubject('cam@yard')).toEqual({ id: 'cam@yard', atMs: null });
});
