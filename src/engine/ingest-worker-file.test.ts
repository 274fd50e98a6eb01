import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ingestWorkerFile } from './ingest-worker-file.ts';
import { engineFile } from './testing/engine-child.ts';

it('finds the worker among the sources and beside a built engine', () => {
  expect(existsSync(ingestWorkerFile(engineFile))).toBe(true);
  expect(ingestWorkerFile(join('app', 'out', 'main', 'engine.cjs'))).toBe(join('app', 'out', 'main', 'ingest.cjs'));
});
