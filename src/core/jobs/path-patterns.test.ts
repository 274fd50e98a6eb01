import { expect, test } from 'vitest';
import { isPattern, PathFilter } from './path-patterns.ts';

const takes = (filter: PathFilter, ...paths: string[]): string[] =>
  paths.filter((path) => filter.takesFile(path.split('/')));
const enters = (filter: PathFilter, ...paths: string[]): string[] =>
  paths.filter((path) => filter.entersFolder(path.split('/')));

test('without a slash a pattern is about names at any depth; case does not count', () => {
  const filter = new PathFilter(['*.jpg', 'IMG_?.{png,tif}', '[!a-m]*.gif'], []);
  expect(takes(filter, 'a.jpg', 'x/y/B.JPG', 'img_1.TIF', 'img_12.tif', 'z.gif', 'b.gif', 'a.jpeg')).toEqual([
    'a.jpg',
    'x/y/B.JPG',
    'img_1.TIF',
    'z.gif',
  ]);
  expect(enters(filter, 'x', 'x/y')).toEqual(['x', 'x/y']);
});

test('with a slash it is about the path from the scanned folder on, and no other folder is entered', () => {
  const filter = new PathFilter(['yard/*/2026-??/**/*.mp4'], []);
  const fitting = 'yard/east/2026-11/24/22.mp4';
  expect(takes(filter, fitting, 'yard/east/2026-11/a.mp4', 'east/2026-11/a.mp4', 'yard/2026-11/a.mp4')).toEqual([
    fitting,
    'yard/east/2026-11/a.mp4',
  ]);
  expect(enters(filter, 'yard', 'gate', 'yard/east', 'yard/east/2025-11', 'yard/east/2026-11/24/deep')).toEqual([
    'yard',
    'yard/east',
    'yard/east/2026-11/24/deep',
  ]);
});

test('an excluded folder is not entered, at whatever depth; an excluded file is not taken', () => {
  const filter = new PathFilter([], ['thumbs/', '*-draft.*', 'gate/old']);
  expect(enters(filter, 'thumbs', 'a/Thumbs', 'a', 'gate/old', 'gate')).toEqual(['a', 'gate']);
  expect(takes(filter, 'a.jpg', 'a-draft.jpg', 'a/thumbs/b.jpg', 'thumbs')).toEqual(['a.jpg']);
});

test('a path with a pattern in it has to fit from its folder on, and whole', () => {
  const filter = new PathFilter(['*.jpg'], [], 'cam*/*.*');
  expect(takes(filter, 'cam1/a.jpg', 'cam1/a.png', 'a.jpg', 'cam1/deep/a.jpg')).toEqual(['cam1/a.jpg']);
  expect(enters(filter, 'cam1', 'yard', 'cam1/deep')).toEqual(['cam1']);
  expect([isPattern('/night/*.jpg'), isPattern('/night/2026')]).toEqual([true, false]);
});

test('what is not understood is refused by name, and too many words too', () => {
  for (const pattern of ['a{b', 'a}', '{a,{b}}', '[a-', '{a,b,c,d,e,f}'.repeat(3)]) {
    expect(() => new PathFilter([], [pattern]), pattern).toThrow(
      expect.objectContaining({ kind: 'bad-input', where: pattern }) as Error,
    );
  }
});

test('no pattern takes for ever', () => {
  const filter = new PathFilter([`${'*a'.repeat(200)}b`, `${'**/a/'.repeat(60)}b`], []);
  expect(filter.takesFile(['a'.repeat(255)])).toBe(false);
  expect(filter.takesFile(Array.from({ length: 500 }, () => 'a'))).toBe(false);
  // Going back at every star, it would not be here before the test's time is up.
});
