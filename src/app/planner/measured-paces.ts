import { z } from 'zod';
import { schedulingModes, type SchedulingMode } from '../../shared/domain/lanes.ts';
import type { StoreClient } from '../../store/operations.ts';

const key = 'planner-measured';

export const cameraKinds = ['source', 'drawn'] as const;
export type CameraKind = (typeof cameraKinds)[number];

const measuredCamerasSchema = z.object({
  /** Core-ms of one camera a second, the model's runs left out. */
  secondMs: z.number().min(0).nullable(),
  /** Capture until the scheduler hears of a frame. */
  announceMs: z.number().min(0).nullable(),
  /** Live p95 beside archive work / the planned one, by mode. */
  late: z.partialRecord(z.enum(schedulingModes), z.number().positive()),
});

/** What was measured end to end of one model and tier on this machine. */
const measuredWorkSchema = z.object({
  endToEnd: z.object({ imagesPerSecond: z.number().positive(), measuredAtMs: z.number() }).nullable(),
  /** Archive pictures a second beside cameras / those that the cameras leave time for, by mode. */
  kept: z.partialRecord(z.enum(schedulingModes), z.number().positive()),
  /** Of a scan alone: core-ms a second, and of a picture from file to result. */
  processor: z
    .object({ coreMsPerSecond: z.number().positive(), pictureMs: z.number().positive() })
    .nullable()
    .default(null),
  /** What cameras cost and how late their frames are; drawn ones of a test are lighter than a source that is decoded. */
  cameras: z.partialRecord(z.enum(cameraKinds), measuredCamerasSchema).default({}),
});
export type MeasuredCameras = z.infer<typeof measuredCamerasSchema>;
export type MeasuredWork = z.infer<typeof measuredWorkSchema>;

const nothing: MeasuredWork = { endToEnd: null, kept: {}, processor: null, cameras: {} };
const noCameras: MeasuredCameras = { secondMs: null, announceMs: null, late: {} };
/** A new measurement counts as much as all before it: conditions change, and one window may be a bad one. */
const newestShare = 0.5;

/** Figures of real runs, kept over restarts. They are few: one entry a model and tier. */
export class MeasuredPaces {
  readonly #store: StoreClient;
  readonly #works = new Map<string, MeasuredWork>();

  constructor(store: StoreClient) {
    this.#store = store;
  }

  async load(): Promise<void> {
    const text = await this.#store.call('settings.get', { key });
    if (text === null) return;
    const parsed = z.record(z.string(), measuredWorkSchema).safeParse(JSON.parse(text));
    // Of another version: it is measured again.
    if (parsed.success) for (const [work, measured] of Object.entries(parsed.data)) this.#works.set(work, measured);
  }

  of(work: string): MeasuredWork {
    return this.#works.get(work) ?? nothing;
  }

  alone(work: string, imagesPerSecond: number, nowMs: number): void {
    const before = this.of(work).endToEnd?.imagesPerSecond ?? null;
    this.#set(work, { endToEnd: { imagesPerSecond: smooth(before, imagesPerSecond), measuredAtMs: nowMs } });
  }

  beside(work: string, mode: SchedulingMode, keptShare: number): void {
    const { kept } = this.of(work);
    this.#set(work, { kept: { ...kept, [mode]: smooth(kept[mode] ?? null, keptShare) } });
  }

  processor(work: string, measured: NonNullable<MeasuredWork['processor']>): void {
    const before = this.of(work).processor;
    const coreMsPerSecond = smooth(before?.coreMsPerSecond ?? null, measured.coreMsPerSecond);
    const pictureMs = smooth(before?.pictureMs ?? null, measured.pictureMs);
    this.#set(work, { processor: { coreMsPerSecond, pictureMs } });
  }

  ofCameras(work: string, kind: CameraKind): MeasuredCameras {
    return this.of(work).cameras[kind] ?? noCameras;
  }

  cameraSecond(work: string, kind: CameraKind, secondMs: number): void {
    this.#setCameras(work, kind, { secondMs: smooth(this.ofCameras(work, kind).secondMs, secondMs) });
  }

  announced(work: string, kind: CameraKind, announceMs: number): void {
    this.#setCameras(work, kind, { announceMs: smooth(this.ofCameras(work, kind).announceMs, announceMs) });
  }

  late(work: string, kind: CameraKind, mode: SchedulingMode, share: number): void {
    const { late } = this.ofCameras(work, kind);
    this.#setCameras(work, kind, { late: { ...late, [mode]: smooth(late[mode] ?? null, share) } });
  }

  /** What cannot be stored is measured again. */
  async save(): Promise<void> {
    if (this.#works.size === 0) return;
    const value = JSON.stringify(Object.fromEntries(this.#works));
    await this.#store.call('settings.set', { key, value }).catch(() => undefined);
  }

  #setCameras(work: string, kind: CameraKind, change: Partial<MeasuredCameras>): void {
    const { cameras } = this.of(work);
    this.#set(work, { cameras: { ...cameras, [kind]: { ...this.ofCameras(work, kind), ...change } } });
  }

  #set(work: string, change: Partial<MeasuredWork>): void {
    this.#works.set(work, { ...this.of(work), ...change });
  }
}

const smooth = (before: number | null, measured: number): number =>
  before === null ? measured : before + newestShare * (measured - before);
