import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { isAbsolute, join, resolve, sep } from 'node:path';
import { modelManifestSchema, type ModelManifest, type ModelSummary, type TierName, tierNames } from '../../shared/domain/model.ts';
import { NightshiftError } from '../../shared/errors.ts';

/** A model whose manifest is understood and whose file is what the manifest says. */
export interface Model {
  readonly manifest: ModelManifest;
  /** Absolute path of the .onnx file. */
  readonly file: string;
}

export const defaultModelId = 'nanodet-g';

/** Finds models by id among those that ship, or by the path of a folder with a manifest. Verified once a process. */
export class ModelService {
  readonly #modelsDir: string;
  readonly #verified = new Map<string, Promise<Model>>();
  readonly #hashes = new Map<string, string>();

  constructor(modelsDir: string) {
    this.#modelsDir = modelsDir;
  }

  /** `bad-input` or `model-rejected` with what to try; `not-found` names the models there are. */
  find(idOrPath: string): Promise<Model> {
    const known = this.#verified.get(idOrPath);
    if (known !== undefined) return known;
    const found = this.#load(idOrPath);
    this.#verified.set(idOrPath, found);
    found.then(
      ({ manifest }) => this.#hashes.set(manifest.id, manifest.sha256),
      () => this.#verified.delete(idOrPath),
    );
    return found;
  }

  /** Hash of a model that was found in this process; null where it was not asked for yet. */
  knownHash(modelId: string): string | null {
    return this.#hashes.get(modelId) ?? null;
  }

  /** Models that were found in this process. */
  knownIds(): readonly string[] {
    return [...this.#hashes.keys()];
  }

  /** Models an operator can choose; test models are found by id but not listed. */
  async list(): Promise<readonly ModelSummary[]> {
    const folders = await readdir(this.#modelsDir, { withFileTypes: true });
    const manifests: ModelManifest[] = [];
    for (const folder of folders.filter((entry) => entry.isDirectory()).sort((a, b) => (a.name < b.name ? -1 : 1))) {
      manifests.push(await readManifest(join(this.#modelsDir, folder.name)));
    }
    return manifests.filter((manifest) => manifest.purpose === 'detector').map(summarise);
  }

  async #load(idOrPath: string): Promise<Model> {
    const folder = await this.#folderOf(idOrPath);
    const manifest = await readManifest(folder);
    const file = join(folder, manifest.file);
    const sha256 = await hashFile(file);
    if (sha256 !== manifest.sha256) {
      throw new NightshiftError({
        kind: 'model-rejected',
        message: `The model file is not the one its manifest describes (sha256 ${sha256.slice(0, 12)}…, expected ${manifest.sha256.slice(0, 12)}…).`,
        where: file,
        hint: 'Restore the file, or update the manifest if the change was meant.',
      });
    }
    return { manifest, file };
  }

  async #folderOf(idOrPath: string): Promise<string> {
    if (/^[a-z0-9][a-z0-9-]{0,63}$/.test(idOrPath)) {
      const folder = join(this.#modelsDir, idOrPath);
      if (await isFolder(folder)) return folder;
      const names = (await this.list()).map((model) => model.id).join(', ');
      throw new NightshiftError({
        kind: 'not-found',
        message: `There is no model "${idOrPath}".`,
        where: this.#modelsDir,
        hint: `Models here: ${names}. A folder with a manifest.json can be given by its path.`,
      });
    }
    if (!isAbsolute(idOrPath) && !idOrPath.includes(sep) && !idOrPath.includes('/') && !idOrPath.includes('.')) {
      throw new NightshiftError({
        kind: 'bad-input',
        message: `"${idOrPath}" is neither a model's id nor a path.`,
        hint: 'Ids have small letters, digits and dashes; see `nightshift models`.',
      });
    }
    const path = resolve(idOrPath);
    const found = await stat(path).catch(() => null);
    if (found === null) {
      throw new NightshiftError({ kind: 'not-found', message: 'There is no model at this path.', where: path, hint: 'Give a folder that holds a manifest.json and its .onnx file.' });
    }
    if (!found.isDirectory()) {
      throw new NightshiftError({
        kind: 'model-rejected',
        message: 'This is a file, not a model folder.',
        where: path,
        hint: 'A model is a folder with a manifest.json (see models/nanodet-g) and the .onnx file that it names.',
      });
    }
    return path;
  }
}

/** Input size of a tier; `bad-input` names the tiers the model has. */
export function tierSize(manifest: ModelManifest, tier: TierName): { width: number; height: number } {
  const size = manifest.tiers[tier];
  if (size === undefined) {
    throw new NightshiftError({
      kind: 'bad-input',
      message: `${manifest.name} has no tier "${tier}".`,
      where: manifest.id,
      hint: `Its tiers: ${Object.keys(manifest.tiers).join(', ')}.`,
    });
  }
  return size;
}

/** Class indices of the wanted labels; null = all. `bad-input` names a label the model does not know. */
export function classIndices(manifest: ModelManifest, labels: readonly string[] | null): readonly number[] | null {
  const wanted = labels ?? (manifest.defaultClasses.length > 0 ? manifest.defaultClasses : null);
  if (wanted === null) return null;
  return wanted.map((label) => {
    const index = manifest.labels.indexOf(label);
    if (index < 0) {
      throw new NightshiftError({
        kind: 'bad-input',
        message: `${manifest.name} does not know "${label}".`,
        where: manifest.id,
        hint: `It knows: ${manifest.labels.slice(0, 12).join(', ')}${manifest.labels.length > 12 ? ' …' : ''}.`,
      });
    }
    return index;
  });
}

function summarise(manifest: ModelManifest): ModelSummary {
  return {
    id: manifest.id,
    name: manifest.name,
    version: manifest.version,
    sha256: manifest.sha256,
    licence: manifest.licence,
    provenance: manifest.provenance,
    labels: manifest.labels,
    tiers: tierNames.flatMap((name) => {
      const size = manifest.tiers[name];
      return size === undefined ? [] : [{ name, size }];
    }),
    isDefault: manifest.id === defaultModelId,
  };
}

async function readManifest(folder: string): Promise<ModelManifest> {
  const file = join(folder, 'manifest.json');
  let raw: unknown;
  try {
    raw = JSON.parse(await readFile(file, 'utf8'));
  } catch (cause) {
    throw new NightshiftError(
      { kind: 'model-rejected', message: 'The model has no readable manifest.json.', where: folder, hint: 'See models/nanodet-g/manifest.json for one.' },
      { cause },
    );
  }
  const parsed = modelManifestSchema.safeParse(raw);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new NightshiftError({
      kind: 'model-rejected',
      message: `The manifest is not understood: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`.trim(),
      where: file,
    });
  }
  return parsed.data;
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null))?.isDirectory() ?? false;
}

async function hashFile(file: string): Promise<string> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  } catch (cause) {
    throw new NightshiftError({ kind: 'model-rejected', message: 'The model file cannot be read.', where: file }, { cause });
  }
  return hash.digest('hex');
}
