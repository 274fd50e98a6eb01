import { beforeAll, describe, expect, it } from 'vitest';
import type { InputSize } from '../shared/domain/model.ts';
import type { FrameResult, FromEngine } from '../shared/engine/protocol.ts';
import { faintScore } from '../core/analytics/faint-score.ts';
import { machineClock } from './ingest/clock.ts';
import type { HeldFrame } from './ingest/ports.ts';
import { Slot } from './slot.ts';
import { colourIndex, drawnFrame, overlap, type DrawnBox } from './testing/drawing.ts';
import { FramesInHand } from './testing/frames-in-hand.ts';
import { shippedModel } from './testing/shipped-model.ts';

const nothing = { tickets: [], lost: [] };
const settings = { providers: ['cpu'], intraOpThreads: 2 };
const post = { score: 0.5, iou: 0.5, classes: null };

const frames = new FramesInHand();
const slot = new Slot(frames, { drain: () => nothing }, settings, machineClock);

async function run(modelId: string, input: InputSize, frameIds: readonly number[]): Promise<FromEngine> {
  return slot.run({ type: 'run', batchId: 7, modelId, lane: 'archive', input, frameIds, post }, machineClock.monoMs());
}

async function resultsOf(
  modelId: string,
  input: InputSize,
  held: readonly HeldFrame[],
): Promise<readonly FrameResult[]> {
  const answer = await run(modelId, input, frames.hold(...held));
  if (answer.type !== 'done') throw new Error(JSON.stringify(answer));
  return answer.results;
}

const small = { width: 160, height: 160 };
const large = { width: 320, height: 320 };
const truth: readonly DrawnBox[] = [
  { colour: 'red', x: 12, y: 20, width: 40, height: 30 },
  { colour: 'green', x: 90, y: 80, width: 50, height: 60 },
  { colour: 'blue', x: 60, y: 10, width: 24, height: 24 },
];

describe('with tiny-colour', () => {
  beforeAll(async () => {
    const loaded = await slot.load({ type: 'load-model', ...shippedModel('tiny-colour') });
    expect(loaded.tried).toEqual([{ provider: 'cpu', taken: true, why: 'the first choice' }]);
  });

  it.each([small, large])('finds the drawn rectangles and nothing else at $width', async (size) => {
    const [result] = await resultsOf('tiny-colour', size, [drawnFrame(size, truth, 2)]);
    expect(result!.detections.map(({ classIndex }) => classIndex)).toEqual([0, 1, 2]);
    for (const drawn of truth) {
      const found = result!.detections.find(({ classIndex }) => classIndex === colourIndex[drawn.colour])!;
      const inSource = [drawn.x, drawn.y, drawn.width, drawn.height].map((length) => length * 2);
      expect(overlap(found.box, inSource)).toBeGreaterThan(0.8);
    }
  });

  it('answers the live lane what it answers the archive, with faint boxes beside', async () => {
    // A post in the background's grey leaves two thin pieces of the red one.
    const pieces: readonly DrawnBox[] = [
      { colour: 'red', x: 12, y: 20, width: 14, height: 30 },
      { colour: 'red', x: 40, y: 20, width: 14, height: 30 },
      { colour: 'green', x: 90, y: 80, width: 50, height: 60 },
    ];
    const [archived] = await resultsOf('tiny-colour', small, [drawnFrame(small, pieces)]);
    expect(archived).not.toHaveProperty('faint');
    const frameIds = frames.hold(drawnFrame(small, pieces));
    const command = { type: 'run', batchId: 9, modelId: 'tiny-colour', lane: 'live', input: small } as const;
    const answer = await slot.run({ ...command, frameIds, post }, machineClock.monoMs());
    const live = answer.type === 'done' ? answer.results[0] : undefined;
    expect(live?.detections).toEqual(archived?.detections);
    expect(live?.faint?.length).toBeGreaterThan(0);
    expect(live?.faint?.every(({ score }) => score >= faintScore && score < post.score)).toBe(true);
  });

  it('finds nothing in a blank picture', async () => {
    const [result] = await resultsOf('tiny-colour', small, [drawnFrame(small, [])]);
    expect(result!.detections).toEqual([]);
  });

  it('gives each picture of a batch its own boxes', async () => {
    const pictures = truth.map((box) => drawnFrame(small, [box]));
    const results = await resultsOf('tiny-colour', small, [...pictures, drawnFrame(small, [])]);
    expect(results.map(({ detections }) => detections.map(({ classIndex }) => classIndex))).toEqual([
      [0],
      [1],
      [2],
      [],
    ]);
  });

  it('gives frames back once they are done, and says what came in meanwhile', async () => {
    const ticket = { frameId: 99 } as never;
    const busy = new Slot(frames, { drain: () => ({ tickets: [ticket], lost: [] }) }, settings, machineClock);
    await busy.load({ type: 'load-model', ...shippedModel('tiny-colour') });
    const frameIds = frames.hold(drawnFrame(small, truth));
    const run = {
      type: 'run',
      batchId: 8,
      modelId: 'tiny-colour',
      lane: 'live',
      input: small,
      frameIds,
      post,
    } as const;
    const answer = await busy.run(run, machineClock.monoMs());
    expect(answer).toMatchObject({ type: 'done', batchId: 8, tickets: [ticket] });
    expect(frames.frame(frameIds[0]!)).toBeNull();
    if (answer.type === 'done') expect(answer.slotMs).toBeGreaterThanOrEqual(answer.runMs);
  });

  it('keeps the frames of a batch that cannot be run, and says why', async () => {
    const [held] = frames.hold(drawnFrame(small, truth));
    const unknown = await run('tiny-colour', small, [held!, 12_345]);
    expect(unknown).toMatchObject({ type: 'run-failed', batchId: 7 });
    expect(unknown).toHaveProperty('message', expect.stringContaining('Frame 12345'));
    expect(await run('tiny-colour', large, [held!])).toHaveProperty('message', expect.stringContaining('160×160'));
    expect(await run('tiny-colour', { width: 161, height: 160 }, [held!])).toHaveProperty(
      'message',
      expect.stringContaining('takes no pictures of 161×160'),
    );
    expect(await run('no-such-model', small, [held!])).toHaveProperty('message', expect.stringContaining('not loaded'));
    expect(frames.frame(held!)).not.toBeNull();
    expect(await run('tiny-colour', small, [held!])).toMatchObject({ type: 'done' });
  });

  it('never runs a frame whose bytes are gone, and goes on', async () => {
    const torn = { ...drawnFrame(small, truth), bytes: new Uint8Array(7) };
    const frameIds = frames.hold(drawnFrame(small, truth), torn);
    expect(await run('tiny-colour', small, frameIds)).toMatchObject({
      type: 'run-failed',
      message: `Frame ${String(frameIds[1])} has 7 bytes.`,
    });
    expect(frameIds.map((frameId) => frames.frame(frameId))).not.toContain(null);
    expect(await resultsOf('tiny-colour', small, [drawnFrame(small, truth)])).toHaveLength(1);
  });

  it('answers a native call that fails, keeps its frames and goes on', async () => {
    const { file, manifest } = shippedModel('nanodet-g');
    // A manifest that promises sizes at which NanoDet's levels do not meet.
    const wrong = { ...manifest, input: { ...manifest.input, multipleOf: 4 } };
    await slot.load({ type: 'load-model', modelId: 'wrong', file, manifest: wrong });
    const odd = { width: 100, height: 100 };
    const frameIds = frames.hold(drawnFrame(odd, []));
    expect(await run('wrong', odd, frameIds)).toMatchObject({ type: 'run-failed', batchId: 7 });
    expect(frames.frame(frameIds[0]!)).not.toBeNull();
    expect(await resultsOf('tiny-colour', small, [drawnFrame(small, truth)])).toHaveLength(1);
  });

  it('warms a size and reports each run', async () => {
    const warm = { type: 'warm', modelId: 'tiny-colour', lane: 'live', input: small, batch: 4, runs: 3 } as const;
    const { runMs } = await slot.warm(warm);
    expect(runMs).toHaveLength(3);
    expect(Math.min(...runMs)).toBeGreaterThan(0);
    await expect(slot.warm({ ...warm, input: { width: 100, height: 100 } })).rejects.toThrow('takes no pictures');
  });
});
