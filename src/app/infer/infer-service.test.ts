import { afterEach, expect, test } from 'vitest';
import { scriptedPicture } from '../testing/scripted-engine.ts';
import { AppBench } from '../testing/app-bench.ts';
import { pictureOptionsSchema, type PictureOptions, type PictureOutcome } from './picture-request.ts';

let bench: AppBench;
afterEach(() => bench.end());

const options = (change: Partial<PictureOptions> = {}): PictureOptions => ({
  ...pictureOptionsSchema.parse({}),
  ...change,
});

/** One request, as the gateway makes it. */
function send(text: string, change: Partial<PictureOptions> = {}): Promise<PictureOutcome> {
  const { pictures } = bench.app;
  const bytes = scriptedPicture(text);
  const admission = pictures.admit(bytes.length, change.deadlineMs ?? 1_000);
  if (admission === null) return Promise.resolve({ is: 'refused', reason: 'full', retryAfterS: 1 });
  return pictures.infer(admission, bytes, options(change)).finally(() => {
    admission.release();
  });
}

/** The engine is up and every size is warm: what is measured from here on is no first time. */
async function warm(change: Partial<PictureOptions> = {}): Promise<void> {
  await bench.passing(send('warm', { ...change, deadlineMs: 60_000 }));
  await bench.pass(2_000);
}

const apiQueue = async () => {
  const { queues } = await bench.passing(bench.app.handlers['system.status'](undefined));
  return queues.find(({ name }) => name === 'api-pictures');
};

test('pictures that come together share a call by the window that is set, each answered with its own boxes', async () => {
  bench = new AppBench({ detections: ({ source }) => [{ classIndex: 1, score: 0.5, box: [source.length, 1, 2, 3] }] });
  await bench.start();
  await warm();
  let made = bench.engines.runs.length;
  const madeRuns = () => {
    const runs = bench.engines.runs.slice(made);
    made = bench.engines.runs.length;
    return runs.map(({ lane, frames }) => [lane, frames.length]);
  };
  const sendAll = (texts: readonly string[]) => bench.passing(Promise.all(texts.map((text) => send(text))));
  const outcomes = await sendAll(['a', 'bb', 'ccc', 'dddd']);
  expect(madeRuns()).toEqual([['live', 4]]);
  for (const [index, outcome] of outcomes.entries()) {
    expect(outcome).toMatchObject({
      is: 'answered',
      answer: {
        detections: [{ class: 'car', score: 0.5, box: [index + 1, 1, 2, 3] }],
        width: 640,
        height: 480,
        batch: 4,
        runMs: 12,
        model: 'nanodet-g',
        tier: 'normal',
      },
    });
    // The window is waited for, as long as it is set and hardly longer.
    expect(outcome.is === 'answered' ? outcome.answer.queuedMs : 0).toBeGreaterThanOrEqual(20);
    expect(outcome.is === 'answered' ? outcome.answer.queuedMs : 0).toBeLessThan(40);
  }

  // A full one is not waited out.
  const full = await sendAll(Array.from({ length: 16 }, (_, index) => `p${index}`));
  expect(madeRuns()).toEqual([['live', 16]]);
  expect(
    Math.max(...full.map((outcome) => (outcome.is === 'answered' ? outcome.answer.queuedMs : Infinity))),
  ).toBeLessThan(20);

  await bench.passing(bench.app.handlers['lanes.configure']({ api: { windowMs: 0, batch: 16 } }));
  await sendAll(['a', 'b', 'c', 'd']);
  expect(madeRuns()).toEqual([
    ['live', 1],
    ['live', 1],
    ['live', 1],
    ['live', 1],
  ]);
  expect(bench.engines.violations).toEqual([]);
  const { infer } = await bench.passing(bench.app.pictures.stats());
  expect(infer).toEqual({ answered: 25, refused: 0, late: 0, failed: 0, meanBatch: 3.57 }); // 25 in 7 calls
});

test('a picture whose deadline passes is dropped and never run', async () => {
  bench = new AppBench({ runMs: (_lane, batch) => 40 * batch });
  await bench.start();
  await warm();
  const slow = Promise.all(['s1', 's2', 's3', 's4'].map((text) => send(text, { deadlineMs: 5_000 })));
  await bench.pass(60); // they run now
  // Let in before it was known how long the others take.
  const admission = bench.app.pictures.admit(10, 60_000)!;
  const late = await bench.passing(
    bench.app.pictures.infer(admission, scriptedPicture('late'), options({ deadlineMs: 50 })),
  );
  admission.release();
  expect(late).toEqual({ is: 'late', reason: 'No answer could be given within 50 ms: the picture was dropped.' });
  expect((await bench.passing(slow)).map(({ is }) => is)).toEqual(['answered', 'answered', 'answered', 'answered']);
  await bench.pass(500);
  expect([...bench.engines.answered.keys()].filter((key) => key.startsWith('late#'))).toEqual([]);
  expect((await bench.passing(bench.app.pictures.stats())).infer).toMatchObject({ late: 1 });
  expect(bench.engines.latest().heldFrames).toBe(0);
});

test('more than the queue has places for are refused, counted, and nothing of them is kept', async () => {
  bench = new AppBench({ runMs: (_lane, batch) => 30 * batch });
  await bench.start();
  await warm();
  const many = Array.from({ length: 100 }, (_, index) => send(`p${index}`, { deadlineMs: 60_000 }));
  expect(await apiQueue()).toMatchObject({ waiting: 64, bound: 64, policy: 'refused', givenUp: 36 });
  const outcomes = await bench.passing(Promise.all(many));
  expect(outcomes.filter(({ is }) => is === 'answered')).toHaveLength(64);
  expect(outcomes.filter(({ is }) => is === 'refused')).toHaveLength(36);
  expect(await apiQueue()).toMatchObject({ waiting: 0, givenUp: 36 });
});

test('under twice the load the device can carry, those let in are answered and the others refused at once', async () => {
  let calls = 0;
  // 40 ms a picture on average, and never that.
  bench = new AppBench({ runMs: (_lane, batch) => (calls++ % 2 === 0 ? 20 : 60) * batch });
  await bench.start();
  await warm();
  await bench.passing(bench.app.handlers['lanes.configure']({ api: { windowMs: 0, batch: 1 } }));
  const sent: Promise<PictureOutcome>[] = [];
  for (let index = 0; index < 250; index++) {
    sent.push(send(`p${index}`));
    await bench.pass(20);
  }
  const outcomes = await bench.passing(Promise.all(sent));
  const count = (is: PictureOutcome['is']): number => outcomes.filter((outcome) => outcome.is === is).length;
  expect(count('answered')).toBeGreaterThan(0.9 * 125);
  expect(count('late')).toBeLessThan(5);
  expect(count('answered') + count('late') + count('refused')).toBe(250);
});

test('what cannot be used, and wrong options, are told as such', async () => {
  bench = new AppBench({
    picture: (text) => (text === 'bad' ? { kind: 'undecodable', reason: 'The picture is damaged.' } : null),
  });
  await bench.start();
  await warm();
  expect(await bench.passing(send('bad'))).toMatchObject({ is: 'unusable', kind: 'undecodable' });
  const { pictures } = bench.app;
  const direct = (bytes: Uint8Array) => {
    const admission = pictures.admit(bytes.length, 1_000)!;
    return pictures.infer(admission, bytes, options()).finally(() => admission.release());
  };
  expect(await bench.passing(direct(new TextEncoder().encode('GIF89a')))).toMatchObject({ kind: 'unsupported' });
  expect(await bench.passing(direct(new Uint8Array(0)))).toMatchObject({ kind: 'empty' });
  await expect(bench.passing(send('a', { model: 'no-such' }))).rejects.toMatchObject({ kind: 'not-found' });
  await expect(bench.passing(send('a', { classes: ['unicorn'] }))).rejects.toMatchObject({ kind: 'bad-input' });
  expect(await apiQueue()).toMatchObject({ waiting: 0 });
});

test('an engine that goes away refuses what it had, and the next one answers', async () => {
  bench = new AppBench({
    run: (_lane, frames) => (frames.some(({ source }) => source === 'hang') ? 'hangs' : 'answered'),
  });
  await bench.start();
  await warm();
  const hung = send('hang', { deadlineMs: 60_000 });
  await bench.pass(100);
  const waiting = send('behind', { deadlineMs: 60_000 });
  await bench.pass(10);
  bench.engines.latest().end({ code: null, signal: 'SIGSEGV' });
  expect((await bench.passing(hung)).is).toBe('refused');
  expect((await bench.passing(waiting)).is).toBe('refused');
  expect((await bench.passing(send('at once'))).is).toBe('refused');
  await bench.pass(10_000);
  expect((await bench.passing(send('again', { deadlineMs: 60_000 }))).is).toBe('answered');
});

test('a quiet API keeps nothing from the archive: its places in the live lane are given back', async () => {
  bench = new AppBench();
  await bench.start();
  await warm();
  const bound = async () => {
    const { queues } = await bench.passing(bench.app.handlers['system.status'](undefined));
    return queues.find(({ name }) => name === 'live-frames')?.bound;
  };
  expect(await bound()).toBe(64);
  await bench.pass(20_000);
  expect(await bound()).toBe(0);
  expect((await bench.passing(send('later', { deadlineMs: 60_000 }))).is).toBe('answered');
});

test('whoever waits is told when the application closes', async () => {
  bench = new AppBench({
    run: (_lane, frames) => (frames.some(({ source }) => source === 'hang') ? 'hangs' : 'answered'),
  });
  const app = await bench.start();
  await warm();
  const hung = send('hang', { deadlineMs: 60_000 });
  await bench.pass(100);
  await bench.close();
  expect(await hung).toMatchObject({ is: 'refused' });
  expect(app.pictures.admit(10, 1_000)).toBeNull();
});
