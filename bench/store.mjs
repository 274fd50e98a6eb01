// How much of SQLite's own speed the store keeps: the product's `results.commit` (message to COMMIT, 2,000 boxes a
// transaction, 500 frames of 4) against a bare better-sqlite3 loop that inserts the same rows into the same schema with
// the same pragmas. Both run in turns, so that a busy machine slows both. Usage: node bench/store.mjs [--rounds N] [--json]
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore } from '../src/store/client.ts';
import { openDatabase } from '../src/store/open-database.ts';

const argument = (name, fallback) => {
  const at = process.argv.indexOf(name);
  return at < 0 ? fallback : Number(process.argv[at + 1]);
};
const rounds = argument('--rounds', 12);
const commitsPerRound = 20;
const framesPerCommit = 500;
const boxesPerFrame = 4;
const rowsPerCommit = framesPerCommit * boxesPerFrame;

const rowsFrom = (first) =>
  Array.from({ length: framesPerCommit }, (_, i) => ({
    frame: first + i,
    timeMs: (first + i) * 200,
    detections: Array.from({ length: boxesPerFrame }, (__, k) => ({
      classIndex: Math.min(k, 2),
      score: 0.35 + ((first + i * 7 + k * 13) % 60) / 100,
      box: [k * 100 + ((first + i) % 97), 120.25, 64.5, 128.75],
      trackId: null,
    })),
  }));

const folder = mkdtempSync(join(tmpdir(), 'nightshift-bench-'));
const store = await openStore({
  dataDir: join(folder, 'product'),
  workerFile: new URL('../src/store/worker.ts', import.meta.url),
});
const bare = openDatabase({ file: join(folder, 'bare.db') });
try {
  const { recipeId } = await store.call('recipes.ensure', {
    modelId: 'bench',
    modelSha256: '00',
    settingsHash: 'bench',
    settings: {
      tier: 'normal',
      input: { width: 416, height: 416 },
      fps: 5,
      score: 0.35,
      iou: 0.6,
      classes: null,
      pipelineVersion: 1,
    },
    labels: ['person', 'car', 'dog'],
  });
  const source = { key: 'sha256:bench', kind: 'video', width: 1280, height: 720 };
  await store.call('jobs.save', {
    id: 'bench',
    name: 'bench',
    state: 'running',
    reason: null,
    createdAtMs: 1,
    startedAtMs: 1,
    endedAtMs: null,
    spec: {
      paths: ['/v'],
      recursive: true,
      modelId: 'bench',
      tier: 'normal',
      fps: 5,
      batch: 'auto',
      classes: null,
      score: null,
    },
  });
  await store.call('items.found', {
    jobId: 'bench',
    run: 1,
    items: [{ path: '/v', kind: 'video', size: 1, mtimeMs: 1 }],
  });
  const [item] = await store.call('items.page', { jobId: 'bench', states: ['pending'], afterId: 0, limit: 1 });
  const { sourceId } = await store.call('items.bind', { itemId: item.id, source, recipeId, expectedFrames: null });

  const insert = bare.prepare('INSERT INTO detections VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)');
  const writeBare = bare.transaction((rows) => {
    for (const { frame, detections } of rows) {
      for (let k = 0; k < detections.length; k++) {
        const { classIndex, score, box } = detections[k];
        insert.run(
          1,
          frame,
          k,
          classIndex,
          Math.round(score * 10_000),
          Math.round(box[0] * 100),
          Math.round(box[1] * 100),
          Math.round(box[2] * 100),
          Math.round(box[3] * 100),
          null,
          0,
        );
      }
    }
  });

  let frame = 0;
  const product = [];
  const loop = [];
  for (let round = 0; round < rounds + 2; round++) {
    const batches = Array.from({ length: commitsPerRound }, () => {
      const rows = rowsFrom(frame);
      frame += framesPerCommit;
      return rows;
    });
    let started = performance.now();
    for (const rows of batches) {
      const from = rows[0].frame;
      const to = from + rows.length;
      await store.call('results.commit', {
        commits: [{ sourceId, recipeId, rows, looked: [[from, to]] }],
        items: [{ itemId: item.id, cursor: to, ended: null, expectedFrames: null }],
      });
    }
    const productMs = performance.now() - started;
    started = performance.now();
    for (const rows of batches) writeBare(rows);
    const bareMs = performance.now() - started;
    // The first two rounds warm both.
    if (round >= 2) {
      product.push(productMs);
      loop.push(bareMs);
    }
  }
  const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
  const rate = (ms) => Math.round((commitsPerRound * rowsPerCommit * 1000) / ms);
  const ratios = product.map((ms, i) => loop[i] / ms);
  const { detections } = await store.call('store.status', undefined);
  await store.close();
  const result = {
    rowsPerTransaction: rowsPerCommit,
    productRowsPerSecond: rate(median(product)),
    bareRowsPerSecond: rate(median(loop)),
    ratio: Number(median(ratios).toFixed(3)),
    ratioRange: [Math.min(...ratios), Math.max(...ratios)].map((ratio) => Number(ratio.toFixed(3))),
    bytesPerDetection: Number((statSync(join(folder, 'product', 'nightshift.db')).size / detections).toFixed(1)),
  };
  console.log(process.argv.includes('--json') ? JSON.stringify(result) : result);
} finally {
  bare.close();
  rmSync(folder, { recursive: true, force: true });
}
