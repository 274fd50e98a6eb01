import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { HealthPictures } from '../../shared/domain/camera-health.ts';

type Which = keyof HealthPictures;

/** What each camera showed at each hour of the day when it was accepted, and shows now: a picture an hour each. */
export class HealthPictureFiles {
  readonly #folder: string;

  constructor(dataDir: string) {
    this.#folder = join(dataDir, 'profiles');
  }

  /** Whole or not at all. */
  async save(cameraId: string, which: Which, hour: number, jpeg: Uint8Array): Promise<void> {
    const folder = join(this.#folder, cameraId);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const file = join(folder, nameOf(which, hour));
    await writeFile(`${file}.part`, jpeg, { mode: 0o600 });
    await rename(`${file}.part`, file);
  }

  async has(cameraId: string, which: Which, hour: number): Promise<boolean> {
    return (await this.#names(cameraId)).has(nameOf(which, hour));
  }

  /** Of the latest hour up to this one of which there are both, else the latest of each. */
  async pair(cameraId: string, hour: number): Promise<HealthPictures> {
    const names = await this.#names(cameraId);
    const hours = Array.from({ length: 24 }, (_, back) => (hour - back + 24) % 24);
    const latest = (...which: Which[]): number | undefined =>
      hours.find((at) => which.every((one) => names.has(nameOf(one, at))));
    const both = latest('accepted', 'now');
    const [accepted, now] = await Promise.all([
      this.#read(cameraId, 'accepted', both ?? latest('accepted')),
      this.#read(cameraId, 'now', both ?? latest('now')),
    ]);
    return { accepted, now };
  }

  async forget(cameraId: string, which: Which | 'all'): Promise<void> {
    const folder = join(this.#folder, cameraId);
    if (which === 'all') {
      await rm(folder, { recursive: true, force: true });
      return;
    }
    const names = [...(await this.#names(cameraId))].filter((name) => name.startsWith(which));
    await Promise.all(names.map((name) => rm(join(folder, name), { force: true })));
  }

  async #names(cameraId: string): Promise<ReadonlySet<string>> {
    return new Set(await readdir(join(this.#folder, cameraId)).catch(() => []));
  }

  async #read(cameraId: string, which: Which, hour: number | undefined): Promise<string | null> {
    if (hour === undefined) return null;
    const jpeg = await readFile(join(this.#folder, cameraId, nameOf(which, hour))).catch(() => null);
    return jpeg === null ? null : `data:image/jpeg;base64,${jpeg.toString('base64')}`;
  }
}

const nameOf = (which: Which, hour: number): string => `${which}-${String(hour).padStart(2, '0')}.jpg`;
