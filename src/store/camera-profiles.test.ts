import { expect, test } from 'vitest';
import { drawnHour } from '../core/testing/drawn-figures.ts';
import { storeForEachTest } from './testing/each-test.ts';
import { camera } from './testing/store-fixture.ts';

const store = storeForEachTest();

const hourMs = 3_600_000;
const save = (cameraId: string, hour: number, samples = 3600): void =>
  store.call('cameras.saveProfile', { cameraId, profile: drawnHour(hour * hourMs, { samples }) });
const kept = (cameraId: string): readonly number[] =>
  store.call('cameras.profiles', { cameraId, fromMs: 0, toMs: 1e15 }).map((profile) => profile.hourMs / hourMs);

test('an hour comes back as it was saved, and a second time takes the place of the first', () => {
  const profile = drawnHour(7 * hourMs, {
    sharpness: null,
    labels: { 'a "b"': 3 },
    layout: Uint8Array.of(0, 128, 255),
  });
  store.call('cameras.saveProfile', { cameraId: 'c', profile: { ...profile, samples: 1 } });
  store.call('cameras.saveProfile', { cameraId: 'c', profile });
  const range = { cameraId: 'c', fromMs: 7 * hourMs, toMs: 8 * hourMs };
  expect(store.call('cameras.profiles', range)).toEqual([profile]);
  expect(store.call('cameras.profiles', { ...range, fromMs: 7 * hourMs + 1 })).toEqual([]);
  expect(store.call('cameras.profiles', { ...range, cameraId: 'd' })).toEqual([]);
});

test('the accepted week stays, and of the rest the newest five weeks, for each camera by itself', () => {
  save('other', 1);
  store.call('cameras.accept', { cameraId: 'c', acceptedMs: 100.5 * hourMs });
  const last = 2_000;
  for (let hour = 90; hour <= last; hour++) save('c', hour);
  const hours = kept('c');
  // The hour in which it was accepted, and those up to a week later.
  expect(hours.slice(0, 169)).toEqual(Array.from({ length: 169 }, (_, at) => 100 + at));
  expect(hours.slice(169)).toEqual(Array.from({ length: 840 }, (_, at) => last - 839 + at));
  expect(kept('other')).toEqual([1]);
});

test('accepting again moves the week; a removed camera leaves nothing', () => {
  store.call('cameras.save', camera('c'));
  store.call('cameras.accept', { cameraId: 'c', acceptedMs: 5 });
  store.call('cameras.accept', { cameraId: 'c', acceptedMs: 7.4 });
  store.call('cameras.accept', { cameraId: 'd', acceptedMs: 9 });
  expect(store.call('cameras.accepted', undefined)).toEqual([
    { cameraId: 'c', acceptedMs: 7 },
    { cameraId: 'd', acceptedMs: 9 },
  ]);
  save('c', 3);
  save('d', 3);
  store.call('cameras.remove', { id: 'c' });
  expect(kept('c')).toEqual([]);
  expect(kept('d')).toEqual([3]);
  expect(store.call('cameras.accepted', undefined)).toEqual([{ cameraId: 'd', acceptedMs: 9 }]);
});
