import { describe, expect, it } from 'vitest';
import type { ModelOutput } from './decoder.ts';
import { YoloHeadDecoder } from './yolo-head.ts';

interface Anchor {
  readonly box: readonly [x: number, y: number, width: number, height: number];
  readonly scores: readonly number[];
}

/** An output of pictures with equally many anchors. */
function output(...pictures: readonly (readonly Anchor[])[]): ModelOutput {
  const anchors = pictures[0]!.length;
  const rows = 4 + pictures[0]![0]!.scores.length;
  const data = new Float32Array(pictures.length * rows * anchors);
  pictures.forEach((picture, p) =>
    picture.forEach((anchor, a) =>
      [...anchor.box, ...anchor.scores].forEach((value, row) => {
        data[(p * rows + row) * anchors + a] = value;
      }),
    ),
  );
  return { data, dims: [pictures.length, rows, anchors] };
}

function read(decoder: YoloHeadDecoder, tensor: ModelOutput, picture: number, minScore: number) {
  const { count, boxes, scores, classes } = decoder.decode(tensor, picture, minScore);
  return Array.from({ length: count }, (_, i) => ({
    box: [...boxes.subarray(4 * i, 4 * i + 4)],
    score: scores[i],
    classIndex: classes[i],
  }));
}

const box = [50, 40, 20, 10] as const;

describe('YoloHeadDecoder', () => {
  it('turns centre and size into edges and keeps the best class of an anchor', () => {
    const tensor = output([
      { box, scores: [0.25, 0.75, 0.5] },
      { box: [8, 8, 16, 16], scores: [0, 0, 0.25] },
    ]);
    expect(read(new YoloHeadDecoder(3), tensor, 0, 0.5)).toEqual([
      { box: [40, 35, 60, 45], score: 0.75, classIndex: 1 },
    ]);
  });

  it('takes a score of exactly the limit, although the limit is no float32', () => {
    const tensor = output([{ box, scores: [0.3] }]);
    expect(read(new YoloHeadDecoder(1), tensor, 0, 0.3)).toHaveLength(1);
    expect(read(new YoloHeadDecoder(1), tensor, 0, 0.3001)).toHaveLength(0);
  });

  it('gives the lower class where two are equal, and candidates in the order of anchors', () => {
    const tensor = output([
      { box: [1, 1, 2, 2], scores: [0, 0.75] },
      { box: [3, 3, 2, 2], scores: [0.75, 0.75] },
    ]);
    expect(read(new YoloHeadDecoder(2), tensor, 0, 0.5).map((c) => [c.classIndex, c.box[0]])).toEqual([
      [1, 0],
      [0, 2],
    ]);
  });

  it('reads each picture of a batch by itself, whatever was decoded before', () => {
    const hit: Anchor = { box, scores: [0.875] };
    const miss: Anchor = { box, scores: [0.125] };
    const tensor = output([hit, miss], [miss, miss], [hit, hit]);
    const decoder = new YoloHeadDecoder(1);
    expect([0, 1, 2, 0].map((picture) => read(decoder, tensor, picture, 0.5).length)).toEqual([1, 0, 2, 1]);
    expect(read(decoder, output([hit]), 0, 0.5)).toHaveLength(1);
  });

  it('ignores scores that are no numbers', () => {
    expect(read(new YoloHeadDecoder(2), output([{ box, scores: [NaN, 0.75] }]), 0, 0.5)).toMatchObject([
      { classIndex: 1 },
    ]);
  });

  it('names the shape that it cannot read', () => {
    const decoder = new YoloHeadDecoder(80);
    expect(decoder.misfit(['batch', 84, 'anchors'])).toBeNull();
    expect(decoder.misfit(['batch', 6, 8400])).toBe(
      'its shape is [batch, 6, 8400]; 80 labels need [batch, 84, anchors]',
    );
    expect(() => decoder.decode(output([{ box, scores: [1] }]), 0, 0.5)).toThrow(RangeError);
  });
});
