/**
 * What one writes in an afternoon with the same libraries: decode with node-av, scale with its filter, one picture at a
 * time through onnxruntime, insert into SQLite. No lanes, no resume, no prefetch. It measures itself from the first
 * packet to the last commit; loading is left out, as it is for the product.
 *
 *     node bench/baselines/plain-script.ts '{"files":[…],"model":"…/manifest.json","width":416,"height":416,"database":"…"}'
 */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { Decoder, Demuxer, FilterAPI } from 'node-av';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { overlapGroups } from '../../src/core/analytics/overlap-groups.ts';
import { decoderFor } from '../../src/engine/decoders/decoder.ts';
import { fitInto } from '../../src/engine/ingest/letterbox.ts';
import { detectionsIn } from '../../src/engine/post-processing.ts';
import type { Detection } from '../../src/shared/domain/detection.ts';
import { modelManifestSchema } from '../../src/shared/domain/model.ts';
import type { ScriptSettings } from './script-settings.ts';

const settings = JSON.parse(process.argv[2] ?? '{}') as ScriptSettings;
const { files, width, height } = settings;
const manifest = modelManifestSchema.parse(JSON.parse(readFileSync(settings.manifestFile, 'utf8')));
const session = await InferenceSession.create(join(dirname(settings.manifestFile), manifest.file));
const decoder = decoderFor(manifest);
const groups = overlapGroups(manifest);
const post = { score: manifest.score, iou: manifest.iou, classes: null };

const database = new Database(settings.databaseFile);
database.pragma('journal_mode = WAL');
database.pragma('synchronous = NORMAL'); // the usual advice, and no wait for the disk after each picture
database.exec(
  'CREATE TABLE detections (file TEXT, frame INTEGER, class INTEGER, score REAL, x REAL, y REAL, w REAL, h REAL)',
);
const insert = database.prepare('INSERT INTO detections VALUES (?, ?, ?, ?, ?, ?, ?, ?)');
const insertAll = database.transaction((file: string, frame: number, found: readonly Detection[]) => {
  for (const { classIndex, score, box } of found) insert.run(file, frame, classIndex, score, ...box);
});

await infer(new Uint8Array(width * height * 3)); // warm

let frames = 0;
let detections = 0;
const startMs = performance.now();
for (const file of files) {
  await using demuxer = await Demuxer.open(file);
  const stream = demuxer.video();
  if (stream === undefined) throw new Error(`there is no video in ${file}`);
  using videoDecoder = await Decoder.create(stream);
  const size = { sourceWidth: stream.codecpar.width, sourceHeight: stream.codecpar.height };
  const fit = fitInto(size.sourceWidth, size.sourceHeight, { width, height });
  const colour = manifest.input.padding.toString(16).padStart(2, '0').repeat(3);
  using filter = FilterAPI.create(
    `scale=${fit.width}:${fit.height}:flags=bilinear,pad=${width}:${height}:${fit.x}:${fit.y}:0x${colour},format=rgb24`,
  );
  let frameNumber = 0;
  for await (const frame of filter.frames(videoDecoder.frames(demuxer.packets(stream.index)))) {
    if (frame === null) continue;
    const bytes = Uint8Array.from(frame.toBuffer());
    frame.free();
    const output = await infer(bytes);
    const found = detectionsIn(
      decoder.decode(output, 0, post.score),
      groups,
      { ...fit, ...size, bytes, width, height },
      post,
    );
    insertAll(file, frameNumber, found);
    detections += found.length;
    frameNumber += 1;
  }
  frames += frameNumber;
}
const seconds = (performance.now() - startMs) / 1000;
database.close();
console.log(JSON.stringify({ frames, detections, seconds }));
process.exit(0);

async function infer(pixels: Uint8Array): Promise<{ data: Float32Array; dims: readonly number[] }> {
  const { [manifest.output.name]: output } = await session.run({
    [manifest.input.name]: new Tensor('uint8', pixels, [1, height, width, 3]),
  });
  if (!(output?.data instanceof Float32Array)) throw new TypeError('the output is no float32 tensor');
  return { data: output.data, dims: output.dims };
}
