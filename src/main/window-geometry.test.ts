import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { placeBeside, placeWindow, readSavedWindow, saveWindow } from './window-geometry.ts';

const main = { x: 0, y: 0, width: 1920, height: 1040 };
const right = { x: 1920, y: 0, width: 2560, height: 1400 };
const saved = { x: 2000, y: 100, width: 1600, height: 1000, maximised: true };

it('opens at its usual size, within the screen', () => {
  expect(placeWindow(null, [main])).toEqual({ position: null, width: 1440, height: 900, maximised: false });
  expect(placeWindow(null, [{ x: 0, y: 0, width: 1280, height: 720 }])).toMatchObject({ width: 1280, height: 720 });
  expect(placeWindow(null, [])).toMatchObject({ width: 1440, height: 900 });
});

it('comes back where it was left', () => {
  expect(placeWindow(saved, [main, right])).toEqual({
    position: { x: 2000, y: 100 },
    width: 1600,
    height: 1000,
    maximised: true,
  });
});

it('comes back to a screen that is still there', () => {
  expect(placeWindow(saved, [main])).toEqual({ position: null, width: 1600, height: 1000, maximised: true });
  const high = { ...saved, x: 100, y: -300 };
  expect(placeWindow(high, [main]).position).toBeNull();
  const huge = { ...saved, x: 10, y: 10, width: 5000, height: 5000 };
  expect(placeWindow(huge, [main])).toMatchObject({ width: 1920, height: 1040, position: { x: 10, y: 10 } });
});

it('a further window fills the monitor that is free', () => {
  const first = { x: 100, y: 50, width: 1440, height: 900 };
  expect(placeBeside(null, [main, right], [first])).toEqual({
    position: { x: 1920, y: 0 },
    width: 2560,
    height: 1400,
    maximised: true,
  });
  expect(placeBeside(null, [main, right], [{ ...first, x: 2000 }])).toMatchObject({ position: { x: 0, y: 0 } });
});

it('a further window comes back where it was left, and stands beside the first where no monitor is free', () => {
  const first = { x: 100, y: 50, width: 1440, height: 900 };
  expect(placeBeside(saved, [main, right], [first])).toMatchObject({ position: { x: 2000, y: 100 }, width: 1600 });
  expect(placeBeside(null, [main], [first])).toMatchObject({ position: { x: 140, y: 90 }, width: 1440, height: 900 });
  // Left on a monitor that has been taken away.
  expect(placeBeside(saved, [main], [first])).toMatchObject({ position: { x: 140, y: 90 } });
});

it('remembers, and forgets what it does not understand', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'nightshift-window-'));
  const file = path.join(folder, 'place.json');
  expect(readSavedWindow(file)).toBeNull();
  saveWindow(file, saved);
  expect(readSavedWindow(file)).toEqual(saved);
  writeFileSync(file, '{"x":"left"}');
  expect(readSavedWindow(file)).toBeNull();
  // Nobody can write there: the window closes all the same.
  saveWindow(path.join(file, 'place.json'), saved);
  rmSync(folder, { recursive: true });
});
