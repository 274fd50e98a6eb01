import type { InputSize, TierName } from '../../src/shared/domain/model.ts';

/** What the benchmark asks of the whole application, running in a process of its own. Each is answered once. */
export interface ProductAsks {
  scan: { in: ScanAsk; out: ScanAnswer };
  /** Opens one camera and resolves when it has its first result. */
  openCamera: {
    in: { readonly url: string; readonly fps: number; readonly tier: TierName };
    out: { readonly cameraId: string };
  };
  closeCamera: { in: { readonly cameraId: string }; out: null };
  cpu: { in: null; out: { readonly controlMs: number; readonly engineMs: number } };
  versions: { in: null; out: Readonly<Record<string, string>> };
}

export interface ScanAsk {
  readonly paths: readonly string[];
  readonly modelId: string;
  readonly tier: TierName;
  readonly fps: number;
  readonly motionGate: boolean;
  /** Part of the recipe: another score is another scan, so that nothing is taken over from the one before. */
  readonly score: number;
}

export interface ScanAnswer {
  readonly frames: number;
  readonly inherited: number;
  readonly detections: number;
  readonly seconds: number;
  /** What the pictures were fitted into, and the largest batch. */
  readonly input: InputSize;
  readonly batch: number;
  /** Delay of the control plane's event loop while it ran, minus the 1 ms of its resolution. */
  readonly loopDelayP99Ms: number;
  readonly controlCpuMs: number;
  readonly engineCpuMs: number;
}

export type ProductAsk = {
  [K in keyof ProductAsks]: { readonly ask: K; readonly askId: number; readonly input: ProductAsks[K]['in'] };
}[keyof ProductAsks];

export type ProductReply =
  { readonly askId: number; readonly value: unknown } | { readonly askId: number; readonly failed: string };
