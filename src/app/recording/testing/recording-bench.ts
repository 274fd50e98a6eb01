import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import type { Clock } from '../../../core/ports.ts';
import { usualThresholds } from '../../../core/recording/retention.ts';
import { segmentName } from '../../../core/recording/segment-names.ts';
import { manualClock } from '../../../core/testing/manual-clock.ts';
import { cameraSettingsSchema, type Camera, type CameraState } from '../../../shared/domain/camera.ts';
import type { EngineRequest, RecordingNews, ToEngine } from '../../../shared/engine/protocol.ts';
import type { OpenedStore } from '../../../store/client.ts';
import { folderForEachTest } from '../../../store/testing/each-test.ts';
import { openFolder } from '../../../store/testing/store-fixture.ts';
import { RecordingService } from '../recording-service.ts';

export const dayMs = 86_400_000;
export const gib = 2 ** 30;
export const yard: Camera = {
  ...cameraSettingsSchema.parse({ name: 'Yard', url: 'rtsp://yard', recording: 'continuous' }),
  id: 'yard',
  createdAtMs: 0,
};

/** A folder and a store of its own for every test of the file that asks for one here. */
export function recordingsForEachTest(): {
  readonly path: string;
  readonly store: OpenedStore;
  readonly open: () => RecordingBench;
} {
  const folder = folderForEachTest();
  let store: OpenedStore | null = null;
  const opened = (): OpenedStore => {
    if (store === null) throw new Error('a store for each test is open within tests only');
    return store;
  };
  beforeEach(async () => {
    store = await openFolder(folder.path);
  });
  afterEach(async () => {
    await opened().close();
    store = null;
  });
  return {
    get path() {
      return folder.path;
    },
    get store() {
      return opened();
    },
    open: () => new RecordingBench(opened(), folder.path),
  };
}

/** The service on a real store and real files, and an engine that answers what a test wants. */
export class RecordingBench {
  readonly #time = manualClock(0, 200 * dayMs);
  /** The machine's clock has been set ahead by so much. */
  aheadMs = 0;
  readonly clock: Clock = {
    monoMs: () => this.#time.monoMs(),
    epochMs: () => this.#time.epochMs() + this.aheadMs,
  };
  readonly sent: ToEngine[] = [];
  readonly notices: string[] = [];
  readonly mended = { bytes: 10, durationMs: 30_000 };
  camera = yard;
  /** Live beside it. */
  others: readonly Camera[] = [];
  state: CameraState = 'live';
  freeBytes = 90 * gib;
  isRemoved = false;
  /** What the engine does about an export. */
  exporting: (order: { readonly target: string }) => Promise<unknown> = () =>
    Promise.reject(new Error('not asked for'));
  readonly service: RecordingService;
  readonly #folder: string;

  constructor(store: OpenedStore, folder: string) {
    this.#folder = folder;
    this.service = new RecordingService({
      store,
      clock: this.clock,
      log: { info: () => undefined, warn: () => undefined, error: () => undefined },
      dataDir: folder,
      reportsDir: join(folder, 'reports'),
      thresholds: usualThresholds,
      disk: () => Promise.resolve({ freeBytes: this.freeBytes, totalBytes: 100 * gib }),
      cameras: () => ({
        list: this.isRemoved ? [] : [this.camera, ...this.others],
        statuses: [
          { cameraId: 'yard', state: this.state } as never,
          ...this.others.map(({ id }) => ({ cameraId: id, state: 'live' }) as never),
        ],
      }),
      notices: {
        raise: (_level, topic) => Promise.resolve(void this.notices.push(topic)),
        clear: (topic) => Promise.resolve(void this.notices.push(`cleared ${topic}`)),
      },
      engine: {
        isReady: true,
        whenVersions: Promise.resolve({}),
        send: (message) => void this.sent.push(message),
        request: (request: EngineRequest) => {
          if (request.type === 'export-recording') return this.exporting(request) as Promise<never>;
          if (request.type !== 'mend-recording') return Promise.reject(new Error(`not asked for: ${request.type}`));
          return Promise.resolve((existsSync(request.path) ? this.mended : { bytes: 0, durationMs: 0 }) as never);
        },
      },
    });
  }

  get nowMs(): number {
    return this.clock.epochMs();
  }

  pass(ms: number): void {
    this.#time.advanceTo(this.#time.monoMs() + ms);
  }

  news(...all: RecordingNews[]): void {
    for (const news of all) this.service.message('yard', news);
  }

  /** A whole file, on the disk and as the engine tells it. */
  footage(startMs: number, endMs: number, bytes: number): string {
    const file = segmentName(startMs);
    const path = join(this.#folder, 'recordings', 'yard', ...file.split('/'));
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, 'footage');
    this.news({ kind: 'opened', file, startMs, codec: 'h264' }, { kind: 'closed', file, startMs, endMs, bytes });
    return path;
  }

  coverage(fromMs: number, toMs = this.nowMs) {
    return this.service.index.coverage({ cameraId: 'yard', fromMs, toMs });
  }

  /** After a crash, as the next start would find it. */
  async restarted(): Promise<void> {
    this.service.engineIsReady();
    await this.service.close();
  }
}
