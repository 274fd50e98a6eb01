import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const modelsFolder = join(import.meta.dirname, '../../models');

export const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

export function expectSha256(what, bytes, expected) {
  const actual = sha256(bytes);
  if (actual !== expected) throw new Error(`${what}: sha256 is ${actual}, expected ${expected}`);
  console.log(`${what}: sha256 ${actual}, as expected`);
}

/** Writes the model that a folder's manifest describes, if it is byte for byte the one that the manifest names. */
export function writeModel(id, bytes) {
  const folder = join(modelsFolder, id);
  const manifest = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8'));
  const file = join(folder, manifest.file);
  expectSha256(`models/${id}/${manifest.file}`, bytes, manifest.sha256);
  // An unchanged file is left alone: somebody may be reading it.
  if (!existsSync(file) || sha256(readFileSync(file)) !== manifest.sha256) writeFileSync(file, bytes);
}
