import { cameraSettingsSchema, type Camera, type CameraStatus } from '../../shared/domain/camera.ts';
import type { LoadTestSpec } from '../../shared/domain/load-test.ts';
import type { CameraNews } from '../../shared/engine/protocol.ts';
import type { AddressRules } from '../../shared/network-address.ts';
import type { CameraServiceDeps } from '../cameras/camera-service.ts';
import { LiveCamera } from '../cameras/live-camera.ts';
import type { LiveResults } from '../cameras/live-results.ts';
import type { PreparedWork } from '../models/work.ts';

/** Pictures that come together in a bursty test. */
const burst = 5;
/** A burst is this much faster than the mean rate; see the test camera's own pattern. */
const burstPace = 4;

/**
 * The synthetic cameras of a load test: drawn pictures through the real decoder path, lanes and device. They are known
 * to nobody but the test: no rows, no events, nothing to take away afterwards.
 */
export class TestCameras {
  readonly #deps: CameraServiceDeps;
  readonly #live = new Map<string, LiveCamera>();
  #opened: readonly Camera[] | null = [];

  constructor(deps: CameraServiceDeps) {
    this.#deps = deps;
  }

  /** `measured` is told the time from capture to result of every frame. */
  open(spec: LoadTestSpec, fps: number, work: PreparedWork, measured: (latencyMs: number) => void): void {
    const { clock } = this.#deps;
    const isBursty = spec.arrivals === 'bursty';
    const cameras = Array.from({ length: spec.cameras }, (_, index) => cameraOf(spec, index, fps));
    this.#opened = isBursty ? null : cameras;
    for (const [index, camera] of cameras.entries()) {
      const results: LiveResults = {
        analysed: (ticket) => {
          measured(clock.monoMs() - ticket.capturedMonoMs);
          return [];
        },
        newestCommittedMs: null,
        waiting: 0,
        givenUp: 0,
        close: () => Promise.resolve(),
      };
      // Steady: evenly spread over one frame's time, as cameras that know nothing of each other are on average.
      const staggerMs = isBursty ? 0 : (index / spec.cameras) * (1000 / fps);
      const reach = (): AddressRules => ({ ownPorts: [], allowLoopback: false });
      const start = {
        addresses: { small: camera.url, large: null },
        reach,
        work,
        results,
        staggerMs,
        othersAway: () => false,
        became: () => undefined,
      };
      const live = new LiveCamera(camera, start, this.#deps);
      this.#live.set(camera.id, live);
      live.open();
    }
  }

  /** Those that are open now; null where they come in bursts, which no mean rate describes. */
  opened(): readonly Camera[] | null {
    return this.#opened;
  }

  statuses(): readonly CameraStatus[] {
    return [...this.#live.values()].map((camera) => camera.status());
  }

  /** False where the news is about a camera of somebody else. */
  message(message: CameraNews): boolean {
    const camera = this.#live.get(message.cameraId);
    camera?.message(message);
    return camera !== undefined;
  }

  engineIsReady(): void {
    for (const camera of this.#live.values()) camera.engineIsReady();
  }

  engineLost(text: string): void {
    for (const camera of this.#live.values()) camera.engineLost(text);
  }

  /** Waiting frames are drained or given up; answers how the cameras ended. */
  async close(): Promise<readonly CameraStatus[]> {
    await Promise.all([...this.#live.values()].map((camera) => camera.close()));
    const ended = this.statuses();
    this.#live.clear();
    this.#opened = [];
    return ended;
  }
}

function cameraOf(spec: LoadTestSpec, index: number, fps: number): Camera {
  const { cameras, sloMs, modelId, tier, arrivals } = spec;
  const isBursty = arrivals === 'bursty';
  const pattern = `fps=${String(Number(fps.toFixed(3)))}&seed=${String(index + 1)}${isBursty ? `&burst=${String(burst)}` : ''}`;
  const settings = cameraSettingsSchema.parse({
    name: `Load test ${String(index + 1)} of ${String(cameras)}`,
    url: `test:?${pattern}`,
    // Every drawn picture is analysed, those of a burst too.
    analysisFps: Math.min(60, isBursty ? fps * burstPace : fps),
    sloMs,
    modelId,
    tier,
  });
  return { ...settings, id: `load-test-${String(index + 1)}`, createdAtMs: 0 };
}
