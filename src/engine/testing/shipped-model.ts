import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { modelManifestSchema, type ModelManifest } from '../../shared/domain/model.ts';

export interface ShippedModel {
  readonly modelId: string;
  readonly file: string;
  readonly manifest: ModelManifest;
}

/** A model of the project's models/ folder. */
export function shippedModel(id: 'nanodet-g' | 'tiny-colour'): ShippedModel {
  const folder = new URL(`../../../models/${id}/`, import.meta.url);
  const manifest = modelManifestSchema.parse(JSON.parse(readFileSync(new URL('manifest.json', folder), 'utf8')));
  return { modelId: id, file: fileURLToPath(new URL(manifest.file, folder)), manifest };
}
