import { expect, test } from 'vitest';
import type { PictureFigures } from '../../shared/domain/camera-health.ts';
import { coveredFigures, drawnFigures, drawnHour, drawnLayout } from '../testing/drawn-figures.ts';
import { correlation, type Normal } from './health-normal.ts';
import { normalOf } from './health-profile.ts';
import { HealthWatch } from './health-watch.ts';

const night = drawnFigures({ brightness: 8, spread: 4, sharpness: null, layout: new Uint8Array(384) });
const day = normalOf(drawnHour(0));
const dark = normalOf(
  drawnHour(0, { brightness: 8, spread: 4, sharpness: null, layout: new Uint8Array(384), layoutFit: 0 }),
);

/** Hours of the day that are known. */
const accepted = (known: Readonly<Record<number, Normal | null>>): readonly (Normal | null)[] =>
  Array.from({ length: 24 }, (_, hour) => known[hour] ?? null);

class Stage {
  readonly watch = new HealthWatch();
  nowMs = 0;

  /** One picture a second. */
  show(seconds: number, figures: PictureFigures, hour = 12, known: readonly (Normal | null)[] = []): string | null {
    for (let second = 0; second < seconds; second++) {
      this.nowMs += 1000;
      this.watch.look(figures, { atMs: this.nowMs, hour }, known);
    }
    return this.watch.trouble?.kind ?? null;
  }
}

test('nothing is said before anything is known, and what passes by is not trouble', () => {
  const stage = new Stage();
  expect(stage.show(120, coveredFigures)).toBeNull();
  const other = new Stage();
  other.show(60, drawnFigures());
  for (let lorry = 0; lorry < 10; lorry++) {
    expect(other.show(20, drawnFigures({ spread: 40, layout: drawnLayout(lorry + 2) }))).toBeNull();
    other.show(15, drawnFigures());
  }
  expect(other.show(1, drawnFigures())).toBeNull();
});

test('trouble is raised within a minute, has the time of its beginning, and goes when the picture is back', () => {
  const stage = new Stage();
  stage.show(60, drawnFigures());
  expect(stage.show(29, coveredFigures)).toBeNull();
  expect(stage.show(3, coveredFigures)).toBe('covered');
  expect(stage.watch.trouble?.sinceMs).toBe(61_000);
  // It is not learnt, however long it lasts.
  expect(stage.show(3_600, coveredFigures)).toBe('covered');
  expect(stage.show(10, drawnFigures())).toBe('covered');
  expect(stage.show(10, drawnFigures())).toBeNull();
});

test('a camera with a picture in ten seconds is flagged within a minute as well', () => {
  const watch = new HealthWatch();
  for (let at = 0; at < 30; at++) watch.look(drawnFigures(), { atMs: at * 10_000, hour: 3 }, []);
  for (let at = 30; at < 35; at++) watch.look(coveredFigures, { atMs: at * 10_000, hour: 3 }, []);
  expect(watch.trouble).toEqual({ kind: 'covered', sinceMs: 300_000 });
});

test('light that goes out every evening is known by the hour and by the one beside it; at noon it is trouble', () => {
  const known = accepted({ 11: day, 12: day, 13: day, 17: day, 18: day, 19: dark });
  const stage = new Stage();
  stage.show(60, drawnFigures(), 18, known);
  expect(stage.show(120, night, 18, known)).toBeNull();
  expect(stage.show(120, drawnFigures(), 18, known)).toBeNull();
  expect(stage.show(60, drawnFigures(), 12, known)).toBeNull();
  expect(stage.show(60, night, 12, known)).toBe('covered');
});

test('a camera that was covered or turned while nobody looked is flagged from its first picture on', () => {
  const known = accepted({ 11: day, 12: day });
  expect(new Stage().show(60, coveredFigures, 12, known)).toBe('covered');
  expect(new Stage().show(60, drawnFigures({ layout: drawnLayout(9) }), 12, known)).toBe('turned');
  // At an hour nobody knows any hour will do until the last minutes are known.
  expect(new Stage().show(300, drawnFigures({ brightness: 60, spread: 80 }), 4, known)).toBeNull();
  expect(new Stage().show(60, coveredFigures, 4, known)).toBe('covered');
});

test('a lens that fogs over in an hour is told by what was accepted, and followed where nothing was', () => {
  const fog = (known: readonly (Normal | null)[]): string | null => {
    const stage = new Stage();
    stage.show(60, drawnFigures(), 12, known);
    for (let minute = 0; minute < 60; minute++) {
      stage.show(60, drawnFigures({ sharpness: 0.98 - 0.007 * minute }), 12, known);
    }
    return stage.watch.trouble?.kind ?? null;
  };
  expect(fog(accepted({ 12: day }))).toBe('defocused');
  expect(fog([])).toBeNull();
});

test('how far it may be turned: less where the hour is known than on its first day', () => {
  const half = drawnLayout(1).map((level, at) => (at % 5 < 2 ? (drawnLayout(2)[at] ?? 0) : level));
  const fit = correlation(half, drawnLayout(1));
  expect(fit).toBeGreaterThan(1 - 0.45);
  expect(fit).toBeLessThan(0.93 - 0.3);
  const first = new Stage();
  first.show(60, drawnFigures());
  expect(first.show(60, drawnFigures({ layout: half }))).toBeNull();
  const later = new Stage();
  later.show(60, drawnFigures(), 12, accepted({ 12: day }));
  expect(later.show(60, drawnFigures({ layout: half }), 12, accepted({ 12: day }))).toBe('turned');
});

test('accepted is what comes next; after a pause what was suspected is open again', () => {
  const stage = new Stage();
  stage.show(60, drawnFigures());
  stage.show(60, drawnFigures({ layout: drawnLayout(5) }));
  expect(stage.watch.trouble?.kind).toBe('turned');
  stage.watch.accept();
  expect(stage.show(120, drawnFigures({ layout: drawnLayout(5) }))).toBeNull();
  expect(stage.show(60, drawnFigures())).toBe('turned');
  stage.watch.pause();
  expect(stage.watch.trouble).toBeNull();
  expect(stage.show(60, drawnFigures())).toBe('turned');
});

test('pictures that are suspicious are told, so that nobody learns from them', () => {
  const stage = new Stage();
  stage.show(60, drawnFigures());
  const when = { atMs: 61_000, hour: 12 };
  expect(stage.watch.look(coveredFigures, when, [])).toBeNull();
  expect(stage.watch.look(drawnFigures(), when, [])?.layoutFit).toBeCloseTo(1, 6);
});

test('correlation: Pearson’s, and none with what is even', () => {
  expect(correlation([1, 2, 3, 4], [2, 4, 6, 8])).toBeCloseTo(1, 12);
  expect(correlation([1, 2, 3, 4], [4, 3, 2, 1])).toBeCloseTo(-1, 12);
  expect(correlation([1, 2, 3], [1, 3, 2])).toBeCloseTo(0.5, 12);
  expect(correlation([5, 5, 5], [1, 2, 3])).toBe(0);
});
