import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { LaneName } from '../shared/domain/lanes.ts';
import type { Detection } from '../shared/domain/detection.ts';
import type { Ticket } from '../shared/engine/protocol.ts';
import { drawnFrame, overlap } from './testing/drawing.ts';
import { EngineChild } from './testing/engine-child.ts';
import { shippedModel } from './testing/shipped-model.ts';

const model = shippedModel('tiny-colour');
const { padding, multipleOf } = model.manifest.input;
const input = model.manifest.tiers.normal!;
const post = { score: model.manifest.score, iou: model.manifest.iou, classes: null };

const folder = mkdtempSync(join(tmpdir(), 'nightshift-picture-boxes-'));
let engine: EngineChild;
beforeAll(async () => {
  engine = await EngineChild.start();
  await engine.ask({ type: 'load-model', ...model });
});
afterAll(() => {
  engine.kill();
  rmSync(folder, { recursive: true });
});

async function ticketOf(source: string, frame: number): Promise<Ticket> {
  const find = (tickets: readonly Ticket[]) => tickets.find((one) => one.source === source && one.frame === frame);
  for (;;) {
    const told = engine.heard.flatMap((message) => ('tickets' in message ? (find(message.tickets) ?? []) : []))[0];
    if (told !== undefined) return told;
    const message = await engine.hear('tickets', ({ tickets }) => find(tickets) !== undefined);
    const ticket = find(message.tickets);
    engine.heard.push(message); // others may look for the rest of it
    if (ticket !== undefined) return ticket;
  }
}

let batches = 0;
async function run(lane: LaneName, frameIds: readonly number[], size: { width: number; height: number }) {
  const batchId = ++batches;
  engine.send({ type: 'run', batchId, modelId: model.modelId, lane, input: size, frameIds, post });
  const done = await engine.hear('done', (message) => message.batchId === batchId);
  return done.results.map(({ detections }) => detections);
}

/** Two rectangles on grey, twice as large as the model sees them; the wide ones are run in a smaller input. */
function drawn(width: number, height: number, shift: number): Sharp {
  const frame = drawnFrame({ width, height }, [
    { colour: 'red', x: 20 + shift, y: 30, width: 64, height: 50 },
    { colour: 'blue', x: 170, y: 120 + shift, width: 50, height: 70 },
  ]);
  const picture = sharp(frame.bytes, { raw: { width, height, channels: 3 } });
  return picture.resize(width * 2, height * 2, { kernel: 'nearest' });
}

it('boxes of pictures from memory are those of a scan of their files, in any lane, batch and format', async () => {
  const pictures = [
    { name: 'square.png', size: input, bytes: await drawn(320, 320, 0).png().toBuffer() },
    { name: 'square.jpg', size: input, bytes: await drawn(320, 320, 7).jpeg({ quality: 92 }).toBuffer() },
    {
      name: 'turned.jpg',
      size: input,
      bytes: await drawn(320, 320, 3).jpeg().withMetadata({ orientation: 3 }).toBuffer(),
    },
    { name: 'wide.webp', size: { width: 320, height: 240 }, bytes: await drawn(320, 240, 5).webp().toBuffer() },
  ];
  const scanned = new Map<string, readonly Detection[]>();
  for (const { name, size, bytes } of pictures) {
    const path = join(folder, name);
    writeFileSync(path, bytes);
    const feed = { item: path, path, kind: 'picture', fps: 1, startFrame: 0, input, multipleOf, padding } as const;
    engine.send({ type: 'feed-item', jobId: 'job', weight: 1, ...feed, motionGate: false });
    const { frameId } = await ticketOf(path, 0);
    scanned.set(name, (await run('archive', [frameId], size))[0]!);
  }
  expect(scanned.get('square.png')).toHaveLength(2);
  // Where they were drawn, in pixels of the picture.
  expect(overlap(scanned.get('square.png')![0]!.box, [40, 60, 128, 100])).toBeGreaterThan(0.8);
  expect(scanned.get('turned.jpg')).not.toEqual(scanned.get('square.jpg'));

  let frame = 0;
  for (const lane of ['live', 'archive'] as const) {
    const tickets: Ticket[] = [];
    for (const { bytes } of pictures) {
      const times = { capturedMonoMs: 1, capturedAtMs: 1, deadlineMonoMs: null };
      const feed = { lane, source: `api-${lane}`, frame: ++frame, bytes, input, multipleOf, padding, ...times };
      engine.send({ type: 'feed-picture', ...feed });
      tickets.push(await ticketOf(`api-${lane}`, frame));
    }
    const square = await run(
      lane,
      tickets.slice(0, 3).map(({ frameId }) => frameId),
      input,
    );
    const [wide] = await run(lane, [tickets[3]!.frameId], pictures[3]!.size);
    for (const [index, detections] of [...square, wide!].entries()) {
      expect(detections, `${pictures[index]!.name} in lane ${lane}`).toEqual(scanned.get(pictures[index]!.name));
    }
  }
});
