import type { CameraWatchSettings } from '../../../shared/engine/protocol.ts';
import { machineClock } from '../clock.ts';
import { FaultServer, type CameraFault } from './fault-server.ts';
import { IngestProbe } from './ingest-probe.ts';

export interface FaultRound {
  readonly name: string;
  readonly words: CameraFault['words'];
  readonly reasons: readonly string[];
  /** From the end of the fault to the next analysed picture. */
  readonly recoveredMs: number;
  /** While the fault went on; the camera sends ten. */
  readonly picturesPerSecond: number;
}

/** Waited before a camera that went away is opened again: short, so that it is the fault that is measured. */
const retryMs = 300;

/**
 * A real RTSP server, the real ingest, and a proxy before each camera that is to be hit. Bystanders are cameras of the same
 * ingest that nothing is done to.
 */
export class FaultStage implements AsyncDisposable {
  readonly #server: FaultServer;
  readonly #probe = new IngestProbe();
  readonly #watch: CameraWatchSettings;
  readonly #bystanders: readonly string[];
  #rounds = 0;

  private constructor(server: FaultServer, times: StageTimes) {
    this.#server = server;
    const { silentMs, frozenMs } = times;
    this.#watch = { silentMs, frozenMs, intervalMs: null, changes: false };
    this.#bystanders = Array.from({ length: times.bystanders }, (_, index) => `bystander ${String(index + 1)}`);
    for (const cameraId of this.#bystanders) {
      this.#probe.open(server.steadyUrl, { cameraId, watch: { ...this.#watch, silentMs: 20_000 } });
    }
  }

  static async open(folder: string, times: StageTimes): Promise<FaultStage> {
    return new FaultStage(await FaultServer.open(folder), times);
  }

  get bystanders(): readonly { readonly closed: number; readonly longestGapMs: number }[] {
    return this.#bystanders.map((cameraId) => {
      const times = this.#probe.of(cameraId).map(({ ticket }) => ticket.capturedMonoMs);
      const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0));
      return { closed: this.#closings(cameraId).length, longestGapMs: Math.max(0, ...gaps) };
    });
  }

  /** A camera is opened, hit for a while after its third picture, and waited for until it is there again. */
  async round(fault: CameraFault, { faultMs }: { readonly faultMs: number }): Promise<FaultRound> {
    const { name, words } = fault;
    const cameraId = `${name} ${String(++this.#rounds)}`;
    await using proxy = await this.#server.proxy();
    const url = this.#server.url(proxy, fault);
    let isOver = false;
    const open = (): void => {
      if (isOver) return;
      const { silentMs } = words === null ? { silentMs: 20_000 } : this.#watch;
      this.#probe.open(url, { cameraId, openTimeoutMs: 1500, analysisFps: 10, watch: { ...this.#watch, silentMs } });
    };
    open();
    let seenClosings = 0;
    const keepOpen = setInterval(() => {
      const closings = this.#closings(cameraId).length;
      if (closings === seenClosings) return;
      seenClosings = closings;
      setTimeout(open, retryMs);
    }, 20);
    try {
      const pictures = (): number => this.#probe.of(cameraId).length;
      await this.#probe.until(() => pictures() >= 3);
      const before = this.#closings(cameraId).length;
      const beganMs = machineClock.monoMs();
      this.#server.begin(proxy, fault);
      await new Promise((resolve) => setTimeout(resolve, faultMs));
      this.#server.end(proxy, fault);
      const endedMs = machineClock.monoMs();
      await this.#probe.until(() => (this.#probe.of(cameraId).at(-1)?.ticket.capturedMonoMs ?? 0) > endedMs);
      const recoveredMs = machineClock.monoMs() - endedMs;
      const reasons = this.#closings(cameraId).slice(before);
      const during = this.#probe
        .of(cameraId)
        .filter(({ ticket: { capturedMonoMs: atMs } }) => atMs > beganMs && atMs < endedMs);
      return { name, words, reasons, recoveredMs, picturesPerSecond: (during.length * 1000) / faultMs };
    } finally {
      isOver = true;
      clearInterval(keepOpen);
      this.#probe.ingest.closeCamera(cameraId);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#probe[Symbol.asyncDispose]();
    await this.#server[Symbol.asyncDispose]();
  }

  /** Why the camera was closed, each time without being asked. */
  #closings(cameraId: string): readonly string[] {
    return this.#probe
      .told('camera-closed')
      .filter((news) => news.cameraId === cameraId && !news.requested)
      .map(({ reason }) => reason);
  }
}

export interface StageTimes {
  readonly silentMs: number;
  readonly frozenMs: number;
  readonly bystanders: number;
}
