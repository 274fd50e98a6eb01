// Writes what the shipped detector finds in the demo clip, faint boxes too: the recording that tracking is tested on.
//   node bench/tracking/record-detections.ts
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { format } from 'prettier';
import { classIndices } from '../../src/app/models/model-service.ts';
import { EngineChild } from '../../src/engine/testing/engine-child.ts';
import { shippedModel } from '../../src/engine/testing/shipped-model.ts';
import type { Detection } from '../../src/shared/domain/detection.ts';
import { fittedInput } from '../../src/shared/domain/fitted-input.ts';

const fps = 5;
const clip = fileURLToPath(new URL('../../resources/demo/camera.mp4', import.meta.url));
const target = new URL('../../src/core/analytics/evaluation/campus-detections.json', import.meta.url);

const { modelId, file, manifest } = shippedModel('nanodet-g');
const tier = manifest.tiers.normal;
if (tier === undefined) throw new Error(`${modelId} has no tier "normal"`);
const { multipleOf, padding } = manifest.input;
const post = {
  score: manifest.score,
  iou: manifest.iou,
  classes: classIndices(manifest, manifest.defaultClasses),
};

/** As `recordedPictures` reads it; enough digits to follow a box. */
const text = (detections: readonly Detection[]): string =>
  detections
    .map(({ classIndex, score, box }) =>
      [classIndex, score.toFixed(3), ...box.map((side) => side.toFixed(1))].join(' '),
    )
    .join(', ');

const engine = await EngineChild.start({ archiveWindow: 256 });
try {
  await engine.ask({ type: 'load-model', modelId, file, manifest });
  engine.send({
    type: 'feed-item',
    item: 'clip',
    jobId: 'recording',
    weight: 1,
    path: clip,
    kind: 'video',
    fps,
    startFrame: 0,
    input: tier,
    multipleOf,
    padding,
    motionGate: false,
  });
  await engine.hear('item-ended');
  const tickets = engine.heard.flatMap((message) => ('tickets' in message ? message.tickets : []));
  const pictures: string[] = [];
  for (const { frameId, frame, sourceWidth, sourceHeight } of tickets) {
    const input = fittedInput(tier, sourceWidth, sourceHeight, multipleOf);
    // As a camera's frame: the live lane answers faint boxes too.
    engine.send({ type: 'run', batchId: frame, modelId, lane: 'live', input, frameIds: [frameId], post });
    const { results } = await engine.hear('done');
    const [found] = results;
    if (found === undefined) throw new Error(`frame ${String(frame)} came back without a result`);
    pictures.push(`${text(found.detections)} | ${text(found.faint ?? [])}`);
  }
  const exclusive = manifest.exclusiveGroups.map((labels) => labels.map((label) => manifest.labels.indexOf(label)));
  const recording = {
    clip: 'resources/demo/camera.mp4',
    model: `${modelId} ${manifest.sha256}`,
    tier: 'normal',
    fps,
    classes: manifest.labels.length,
    exclusive,
    pictures,
  };
  writeFileSync(target, await format(JSON.stringify(recording), { parser: 'json', printWidth: 120 }));
  console.log(`${String(pictures.length)} pictures of ${clip}`);
} finally {
  engine.kill();
}
