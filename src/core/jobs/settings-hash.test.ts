import { expect, test } from 'vitest';
import type { RecipeSettings } from '../../shared/domain/model.ts';
import { canonicalSettings, settingsHash } from './settings-hash.ts';

const settings: RecipeSettings = {
  tier: 'normal',
  input: { width: 416, height: 416 },
  fit: 'aspect',
  motionGate: false,
  fps: 5,
  score: 0.4,
  iou: 0.5,
  classes: ['person', 'car'],
  pipelineVersion: 2,
};

test('the same meaning gives the same text', () => {
  const { input, classes, ...rest } = settings;
  const same = { classes: ['car', 'person', 'car'], ...rest, input: { height: input.height, width: input.width } };
  expect(classes).toHaveLength(2);
  expect(canonicalSettings(same)).toBe(canonicalSettings(settings));
  // Pinned: a change of it would orphan every stored result.
  expect(canonicalSettings(settings)).toBe(
    '{"classes":["car","person"],"fit":"aspect","fps":5,"input":{"height":416,"width":416},"iou":0.5,"motionGate":false,"pipelineVersion":2,"score":0.4,"tier":"normal"}',
  );
});

test('every field changes it', () => {
  const changes: Partial<RecipeSettings>[] = [
    { tier: 'fast' },
    { input: { width: 320, height: 416 } },
    { fps: null },
    { score: 0.41 },
    { iou: 0.6 },
    { classes: null },
    { classes: ['person'] },
    { fit: 'tier' },
    { motionGate: true },
    { pipelineVersion: 3 },
    { sampling: 'keyframes' },
    { sampling: { every: 2 } },
    { sampling: { every: 3 } },
    { span: { fromMs: 0, toMs: 1 } },
    { span: { fromMs: 0, toMs: null } },
  ];
  const texts = [settings, ...changes.map((change) => ({ ...settings, ...change }))].map(canonicalSettings);
  expect(new Set(texts).size).toBe(texts.length);
  expect(settingsHash(settings, (text) => `#${text.length}`)).toBe(`#${canonicalSettings(settings).length}`);
});
