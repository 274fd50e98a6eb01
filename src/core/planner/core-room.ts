import type { PlannedCamera } from './capacity.ts';

/** What the processor does beside the device, as far as it was measured. All of it in core-ms: one core for one ms. */
export interface ProcessorFacts {
  /** Of a scan alone: what it used a second, and a picture from file to result. On a CPU the model's runs are in it. */
  readonly archive: { readonly coreMsPerSecond: number; readonly pictureMs: number } | null;
  /** A camera a second, the model's runs left out: decoding its source, scaling, previews, drawing. */
  readonly cameraSecondMs: number | null;
}

export const nothingMeasured: ProcessorFacts = { archive: null, cameraSecondMs: null };

/** Not measured: a picture of a usual size, decoded and scaled, in core-ms. */
const usualDecodeMs = 3;
const decodeRange = { least: 1, most: 12 } as const;
/** Not measured: a camera sends so many frames a second, and all of them are decoded, whatever is analysed. */
const usualSourceFps = 25;

/** How many cores a run of the model takes while it lasts: those that a scan alone could get, where it runs on them. */
export const runCores = (isProcessor: boolean, cores: number, { archive }: ProcessorFacts): number =>
  isProcessor ? Math.min(cores, (archive?.coreMsPerSecond ?? 1_000 * cores) / 1_000) : 0;

export interface CoreCosts {
  /** Core-ms a second that the program can use at most. */
  readonly capacityMs: number;
  readonly pictureMs: number;
  readonly cameraSecondMs: number;
  /** Core-ms of one live frame's run; 0 where the device is not the processor. */
  readonly liveRunMs: number;
  readonly estimated: { readonly pictures: boolean; readonly cameras: boolean };
}

/**
 * Costs to plan with: measured ones as they are, others estimated on the careful side. `doubt` scales what is estimated
 * (1: as estimated), so that it can be told how much a plan leans on it.
 */
export function coreCosts(
  device: {
    readonly isProcessor: boolean;
    readonly cores: number;
    readonly pictureMs: number;
    readonly liveRunMs: number;
  },
  processor: ProcessorFacts,
  imagesPerSecond: number | null,
  doubt: number,
): CoreCosts {
  const { archive, cameraSecondMs } = processor;
  const perRun = runCores(device.isProcessor, device.cores, processor);
  // A scan alone takes all of a processor that it can get; of a machine with a card it takes what decoding takes.
  const capacityMs = 1_000 * (device.isProcessor ? perRun : device.cores);
  const runMs = device.pictureMs * perRun;
  const byPace = device.isProcessor && imagesPerSecond !== null ? capacityMs / imagesPerSecond : null;
  const pictureMs = archive?.pictureMs ?? byPace ?? runMs + doubt * usualDecodeMs;
  const decodeMs = Math.min(decodeRange.most, Math.max(decodeRange.least, pictureMs - runMs));
  const known = archive !== null || byPace !== null;
  return {
    capacityMs,
    pictureMs: Math.max(pictureMs, runMs),
    cameraSecondMs: cameraSecondMs ?? usualSourceFps * (known ? doubt * decodeMs : doubt * usualDecodeMs),
    liveRunMs: device.liveRunMs * perRun,
    estimated: { pictures: !known, cameras: cameraSecondMs === null },
  };
}

/** Share of the processor that cameras take: 0..1 and more. */
export const coreLoad = (costs: CoreCosts, cameras: readonly PlannedCamera[]): number =>
  cameras.reduce((sum, { fps }) => sum + costs.cameraSecondMs + fps * costs.liveRunMs, 0) / costs.capacityMs;

/** Pictures a second that the whole processor could decode, and run where it is the device: `chunkMs` more a picture. */
export const corePace = (costs: CoreCosts, chunkMs: number): number =>
  costs.capacityMs / (costs.pictureMs + Math.max(0, chunkMs));
