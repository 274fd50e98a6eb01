import type { InputSize } from '../../src/shared/domain/model.ts';

/** One live frame of a trace: at `dueMonoMs` it is there, decoded. */
export interface Arrival {
  readonly source: string;
  readonly dueMonoMs: number;
}

/** What the benchmark asks of its engine child beside the engine's own protocol; each is answered once. */
export interface BenchAsks {
  /** Makes the pool of pictures that synthetic frames show; nothing is announced before. */
  pictures: {
    in: { readonly files: readonly string[]; readonly input: InputSize; readonly padding: number };
    out: { readonly count: number };
  };
  /** Announces these frames at their times. In order of time. */
  play: { in: { readonly arrivals: readonly Arrival[] }; out: null };
  /** When runs were received and their first byte was asked for, since the last time this was asked. */
  stamps: { in: null; out: readonly RunStamp[] };
  /** Processor time of the process and all its threads so far, in ms. */
  cpu: { in: null; out: { readonly cpuMs: number } };
  /** A bare onnxruntime loop in this process: same session options, input made beforehand, nothing else. */
  raw: { in: RawLoop; out: RawLoopResult };
  versions: { in: null; out: Readonly<Record<string, string>> };
}

export interface RunStamp {
  readonly batchId: number;
  readonly receivedMonoMs: number;
  /** The last of its frames was looked up: the native call is next. */
  readonly calledMonoMs: number;
}

export interface RawLoop {
  readonly modelFile: string;
  readonly inputName: string;
  readonly outputName: string;
  readonly providers: readonly string[];
  readonly intraOpThreads: number;
  readonly input: InputSize;
  readonly batch: number;
  readonly forMs: number;
}

export interface RawLoopResult {
  readonly calls: number;
  readonly elapsedMs: number;
  readonly medianMs: number;
  readonly cpuMs: number;
}

export type BenchAsk = {
  [K in keyof BenchAsks]: { readonly bench: K; readonly askId: number; readonly input: BenchAsks[K]['in'] };
}[keyof BenchAsks];

export type BenchReply =
  { readonly benchReply: number; readonly value: unknown } | { readonly benchReply: number; readonly failed: string };

export const isBenchAsk = (message: unknown): message is BenchAsk =>
  typeof message === 'object' && message !== null && 'bench' in message;

export const isBenchReply = (message: unknown): message is BenchReply =>
  typeof message === 'object' && message !== null && 'benchReply' in message;
