import { expect, test } from 'vitest';
import type { PictureAnswer } from '../shared/domain/picture-api.ts';
import type { StoreOperations } from './operations.ts';
import { storeForEachTest } from './testing/each-test.ts';

const store = storeForEachTest();

const provisional: PictureAnswer = {
  detections: [{ class: 'person', score: 0.9, box: [1, 2, 3, 4] }],
  width: 640,
  height: 480,
  batch: 2,
  queuedMs: 5,
  runMs: 10,
  model: 'nanodet-g',
  tier: 'fast',
};
const final = { detections: [], width: 640, height: 480, tier: 'accurate', atMs: 9_000 } as const;

type Added = StoreOperations['pictureReviews.add']['in'];
function add(id: string, change: Partial<Added> = {}): Added {
  const file = `${id}.jpg`;
  const plain = { model: 'nanodet-g', score: null, classes: null, webhookUrl: null };
  const review = { id, createdAtMs: 1_000, file, provisional, ...plain, ...change };
  store.call('pictureReviews.add', review);
  return review;
}

const counts = () => store.call('pictureReviews.counts', undefined);

test('a review is kept whole, pending until its last word, which is taken once', () => {
  const added = add('a', { score: 0.5, classes: ['person', 'car'], webhookUrl: 'https://example.org/x' });
  const pending = { ...added, state: 'pending', final: null, changed: null, reason: null, webhook: 'none' };
  expect(store.call('pictureReviews.get', { id: 'a' })).toEqual(pending);
  expect(store.call('pictureReviews.open', undefined)).toEqual({ pending: [pending], due: [] });
  expect(store.call('pictureReviews.settle', { id: 'a', final, changed: true, reason: null })).toEqual({ isNew: true });
  const settled = { ...pending, state: 'final', final, changed: true, webhook: 'due' };
  expect(store.call('pictureReviews.open', undefined)).toEqual({ pending: [], due: [settled] });
  expect(store.call('pictureReviews.settle', { id: 'a', final, changed: false, reason: null })).toEqual({
    isNew: false,
  });
  expect(counts()).toEqual({ pending: 0, final: 1, changed: 1, failed: 0, delivered: 0, givenUp: 0 });
  store.call('pictureReviews.told', { id: 'a', delivered: true });
  store.call('pictureReviews.told', { id: 'a', delivered: false });
  expect(store.call('pictureReviews.get', { id: 'a' })?.webhook).toBe('delivered');
  expect(counts()).toMatchObject({ delivered: 1, givenUp: 0 });
  expect(store.call('pictureReviews.get', { id: 'b' })).toBeNull();
});

test('failures are counted apart; without an address nobody is due to be told', () => {
  add('a');
  add('b');
  store.call('pictureReviews.settle', { id: 'a', final: null, changed: null, reason: 'gone' });
  expect(store.call('pictureReviews.get', { id: 'a' })).toMatchObject({
    state: 'failed',
    reason: 'gone',
    webhook: 'none',
  });
  expect(counts()).toEqual({ pending: 1, final: 0, changed: 0, failed: 1, delivered: 0, givenUp: 0 });
});

test('old and surplus ones are forgotten, never one that waits for its last word or for its webhook; counts stay', () => {
  add('pending', { createdAtMs: 1 });
  add('due', { createdAtMs: 2, webhookUrl: 'https://example.org/x' });
  for (let index = 0; index < 5; index++) add(`n${index}`, { createdAtMs: 100 + index });
  for (const id of ['due', 'n0', 'n1', 'n2', 'n3', 'n4']) {
    store.call('pictureReviews.settle', { id, final, changed: false, reason: null });
  }
  expect(store.call('pictureReviews.forget', { beforeMs: 101, keep: 10 })).toEqual({ count: 1 });
  expect(store.call('pictureReviews.forget', { beforeMs: 0, keep: 2 })).toEqual({ count: 2 });
  const left = ['pending', 'due', 'n0', 'n1', 'n2', 'n3', 'n4'].filter(
    (id) => store.call('pictureReviews.get', { id }) !== null,
  );
  expect(left).toEqual(['pending', 'due', 'n3', 'n4']);
  expect(counts()).toMatchObject({ pending: 1, final: 6 });
});
