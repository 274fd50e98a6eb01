import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { PictureReview } from '../../shared/domain/picture-api.ts';
import { AppBench } from '../testing/app-bench.ts';
import { scriptedPicture, type EngineScript, type ShownFrame } from '../testing/scripted-engine.ts';
import type { ReviewOutcome } from './picture-api.ts';
import { reviewOptionsSchema, type ReviewOptions } from './picture-request.ts';
import type { Posted } from './webhook.ts';

let bench: AppBench;
afterEach(() => bench.end());

/** What the accurate tier makes of a picture: the archive lane sees a car in those whose text says so. */
const script: Partial<EngineScript> = {
  detections: ({ source }: ShownFrame) => [
    { classIndex: source.startsWith('car') ? 1 : 0, score: 0.9, box: [1, 2, 3, 4] },
  ],
};

function send(text: string, change: Partial<ReviewOptions> = {}): Promise<ReviewOutcome> {
  const { pictures } = bench.app;
  const bytes = scriptedPicture(text);
  const admission = pictures.admit(bytes.length, 60_000)!;
  const options = { ...reviewOptionsSchema.parse({ deadlineMs: 60_000 }), ...change };
  return pictures.review(admission, bytes, options).finally(() => {
    admission.release();
  });
}

async function accepted(text: string, change: Partial<ReviewOptions> = {}): Promise<PictureReview> {
  const outcome = await bench.passing(send(text, change));
  if (outcome.is !== 'accepted') throw new Error(`not accepted: ${JSON.stringify(outcome)}`);
  return outcome.review;
}

async function settled(id: string): Promise<PictureReview> {
  for (let tries = 0; tries < 100; tries++) {
    const review = await bench.passing(bench.app.pictures.findReview(id));
    if (review === null) throw new Error('it is not kept');
    if (review.state !== 'pending') return review;
    await bench.pass(100);
  }
  throw new Error('no last word');
}

const kept = (): string[] => readdirSync(join(bench.dataDir, 'reviews'));
const stats = async () => (await bench.passing(bench.app.pictures.stats())).review;

test('a provisional answer at once, the last word later, changes counted; the picture is kept until then', async () => {
  // The fast tier takes everything for a person; the accurate one knows better.
  let lane = 'live';
  bench = new AppBench({
    ...script,
    run: (of) => {
      lane = of;
      return 'answered';
    },
    detections: (frame) =>
      lane === 'live' ? [{ classIndex: 0, score: 0.9, box: [1, 2, 3, 4] }] : script.detections!(frame),
  });
  await bench.start();
  const car = await accepted('car');
  expect(car).toMatchObject({ state: 'pending', final: null, changed: null, webhook: 'none' });
  expect(car.provisional).toMatchObject({ tier: 'fast', detections: [{ class: 'person' }] });
  const person = await accepted('person');
  expect(await settled(car.id)).toMatchObject({
    state: 'final',
    changed: true,
    final: { tier: 'accurate', detections: [{ class: 'car', score: 0.9, box: [1, 2, 3, 4] }], width: 640, height: 480 },
  });
  expect(await settled(person.id)).toMatchObject({ state: 'final', changed: false });
  expect(await stats()).toEqual({ pending: 0, final: 2, changed: 1, failed: 0, delivered: 0, givenUp: 0 });
  await bench.until(() => kept().length === 0); // the file goes after the last word is told
  const { pictures } = await bench.passing(bench.app.handlers['system.status'](undefined));
  expect(pictures).toMatchObject({ infer: { answered: 2 }, review: { final: 2, changed: 1 } });
  const shapes = bench.engines.latest().received.flatMap((message) => (message.type === 'run' ? [message] : []));
  expect(shapes.find((run) => run.lane === 'archive')?.input).toEqual({ width: 640, height: 480 });
  expect(bench.engines.violations).toEqual([]);
});

test('a review survives the end of the process, and has its last word once', async () => {
  let held = true;
  bench = new AppBench({ ...script, run: (lane) => (lane === 'archive' && held ? 'hangs' : 'answered') });
  await bench.start();
  const review = await accepted('car');
  expect(kept()).toEqual([`${review.id}.jpg`]);
  await bench.killed();
  held = false;
  await bench.start();
  expect(await settled(review.id)).toMatchObject({ state: 'final', changed: false });
  await bench.until(() => kept().length === 0);
  expect(await stats()).toMatchObject({ pending: 0, final: 1 });
  await bench.close();
  await bench.start();
  expect(await settled(review.id)).toMatchObject({ state: 'final' });
  expect(await stats()).toMatchObject({ final: 1 });
});

test('a picture that is lost, or that ends the engine, is told with its reason', async () => {
  bench = new AppBench({
    ...script,
    run: (lane, frames) =>
      lane === 'archive' && frames.some(({ source }) => source === 'killer')
        ? { code: null, signal: 'SIGSEGV' }
        : 'answered',
  });
  await bench.start();
  const [killer, good] = [await accepted('killer'), await accepted('person')];
  expect(await settled(good.id)).toMatchObject({ state: 'final' });
  expect(await settled(killer.id)).toMatchObject({
    state: 'failed',
    reason: expect.stringContaining('ended the engine'),
  });
  await bench.until(() => bench.engines.latest().heldFrames === 0);

  bench.engines.script.run = (lane) => (lane === 'archive' ? 'hangs' : 'answered');
  const lost = await accepted('person');
  await bench.killed();
  rmSync(join(bench.dataDir, 'reviews', `${lost.id}.jpg`));
  bench.engines.script.run = () => 'answered';
  await bench.start();
  expect(await settled(lost.id)).toMatchObject({
    state: 'failed',
    reason: expect.stringContaining('could not be run'),
  });
  expect(await stats()).toMatchObject({ pending: 0, final: 1, failed: 2 });
});

test('a webhook is told the last word, and again after a restart if it was not taken', async () => {
  const posted: { url: string; review: PictureReview }[] = [];
  let result: Posted = { ok: true };
  const postWebhook = (url: string, body: string): Promise<Posted> => {
    posted.push({ url, review: JSON.parse(body) as PictureReview });
    return Promise.resolve(result);
  };
  bench = new AppBench(script);
  await bench.start({ postWebhook });
  const webhook = 'http://127.0.0.1:9/hook';
  await expect(bench.passing(send('car', { webhook: 'http://example.org/' }))).rejects.toMatchObject({
    kind: 'bad-input',
  });
  const review = await accepted('car', { webhook });
  await bench.until(() => posted.length === 1);
  expect(posted).toMatchObject([{ url: webhook, review: { id: review.id, state: 'final', changed: false } }]);
  await bench.pass(100);
  expect(await settled(review.id)).toMatchObject({ webhook: 'delivered' });

  result = { ok: false, reason: 'It answered 500.' };
  const second = await accepted('car', { webhook });
  await bench.until(() => posted.length === 2);
  expect(await settled(second.id)).toMatchObject({ webhook: 'due' });
  await bench.killed();
  result = { ok: true };
  await bench.start({ postWebhook });
  await bench.until(() => posted.length >= 3);
  await bench.pass(100);
  expect(await settled(second.id)).toMatchObject({ webhook: 'delivered' });
  expect(await stats()).toMatchObject({ delivered: 2, givenUp: 0 });
});

test('a full queue refuses, and a full disk keeps nothing', async () => {
  bench = new AppBench({ ...script, run: (lane) => (lane === 'archive' ? 'hangs' : 'answered') });
  bench.storeFault = (name) => (name === 'pictureReviews.add' ? new Error('the disk is full') : null);
  await bench.start();
  await expect(bench.passing(send('car'))).rejects.toThrow('the disk is full');
  await bench.until(() => kept().length === 0);
  bench.storeFault = () => null;
  await expect(bench.passing(send('car', { model: 'no-such' }))).rejects.toMatchObject({ kind: 'not-found' });
  await accepted('car');
  const { queues } = await bench.passing(bench.app.handlers['system.status'](undefined));
  expect(queues.find(({ name }) => name === 'review-pictures')).toMatchObject({
    waiting: 1,
    bound: 1000,
    policy: 'refused',
    givenUp: 0,
  });
});
