import { join } from 'node:path';
import type { CameraWatchSettings } from '../../../shared/engine/protocol.ts';
import { machineClock } from '../clock.ts';
import { drawTestPattern, type TestPattern } from '../test-pattern.ts';
import { drawAccessUnits, writeAccessUnits } from './access-units.ts';
import { FaultProxy, type Fault } from './fault-proxy.ts';
import { IngestProbe } from './ingest-probe.ts';
import { RtspServer, type RtspMount } from './rtsp-server.ts';

/** What is done to a camera, and what has to be seen of it. */
export interface CameraFault {
  readonly name: string;
  readonly fault: Exclude<Fault, { is: 'path' }> | { readonly is: 'other codec' } | { readonly is: 'other size' };
  /** The connection is given up, for a reason in these words; null: it is survived. */
  readonly words: RegExp | null;
}

const broken = /ended the stream|broken off|broke|closed before|answer|sent no picture|refused/;
export const faults: readonly CameraFault[] = [
  { name: 'drop', fault: { is: 'drop' }, words: broken },
  { name: 'reset', fault: { is: 'reset' }, words: broken },
  { name: 'half-open', fault: { is: 'half-open' }, words: /sent no picture|answer/ },
  { name: 'drip', fault: { is: 'drip' }, words: /sent no picture|answer/ },
  { name: 'garbage', fault: { is: 'garbage' }, words: /sent no picture|ended the stream|broke|not an RTSP|answer/ },
  { name: 'burst', fault: { is: 'hold' }, words: /sent no picture|answer/ },
  { name: '401', fault: { is: 'unauthorized' }, words: /401|ended the stream|broke/ },
  { name: 'redirects', fault: { is: 'redirect' }, words: /answer|ended the stream|broke|redirect/ },
  { name: 'other codec', fault: { is: 'other codec' }, words: broken },
  { name: 'other size', fault: { is: 'other size' }, words: null },
  { name: 'an hour forwards', fault: { is: 'stamps', jumpMs: 3_600_000 }, words: null },
  { name: 'an hour back', fault: { is: 'stamps', jumpMs: -3_600_000 }, words: null },
  { name: 'stamps stand still', fault: { is: 'stamps', jumpMs: 'constant' }, words: null },
];

export interface FaultRound {
  readonly name: string;
  readonly words: RegExp | null;
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
  readonly #server: RtspServer;
  readonly #units: Readonly<Record<'small' | 'large', string>>;
  readonly #probe = new IngestProbe();
  readonly #watch: CameraWatchSettings;
  readonly #bystanders: readonly string[];
  #rounds = 0;

  private constructor(server: RtspServer, units: Readonly<Record<'small' | 'large', string>>, times: StageTimes) {
    this.#server = server;
    this.#units = units;
    const { silentMs, frozenMs } = times;
    this.#watch = { silentMs, frozenMs, intervalMs: null, changes: false };
    this.#bystanders = Array.from({ length: times.bystanders }, (_, index) => `bystander ${String(index + 1)}`);
    for (const cameraId of this.#bystanders) {
      this.#probe.open(server.url('/steady'), { cameraId, watch: { ...this.#watch, silentMs: 20_000 } });
    }
  }

  static async open(folder: string, times: StageTimes): Promise<FaultStage> {
    const draw = async (codec: 'h264' | 'h265', pattern: TestPattern): Promise<string> =>
      writeAccessUnits(
        join(folder, `${codec} ${String(pattern.width)}`),
        await drawAccessUnits(
          codec,
          {
            ...pattern,
            frames: 20,
            draw: (frame, rgb) => {
              drawTestPattern(pattern, frame, rgb);
            },
          },
          join(folder, 'scratch'),
        ),
      );
    const pattern: TestPattern = { width: 320, height: 240, fps: 10, seed: 3, rectangles: 2, burst: 1 };
    const small = await draw('h264', pattern);
    const large = await draw('h264', { ...pattern, width: 480, height: 360 });
    const other = await draw('h265', pattern);
    const mount = { codec: 'h264', units: small, fps: 10, transports: ['tcp'] } as const;
    const mounts: RtspMount[] = [
      { ...mount, path: '/steady' },
      { ...mount, path: '/hit' },
      { ...mount, path: '/sized' },
      { ...mount, path: '/exchanged' },
      { ...mount, path: '/other', codec: 'h265', units: other },
    ];
    return new FaultStage(await RtspServer.start(mounts), { small, large }, times);
  }

  get bystanders(): readonly { readonly closed: number; readonly longestGapMs: number }[] {
    return this.#bystanders.map((cameraId) => {
      const times = this.#probe.of(cameraId).map(({ ticket }) => ticket.capturedMonoMs);
      const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0));
      return { closed: this.#closings(cameraId).length, longestGapMs: Math.max(0, ...gaps) };
    });
  }

  /** A camera is opened, hit for a while after its third picture, and waited for until it is there again. */
  async round({ name, fault, words }: CameraFault, { faultMs }: { readonly faultMs: number }): Promise<FaultRound> {
    const cameraId = `${name} ${String(++this.#rounds)}`;
    await using proxy = await FaultProxy.before(this.#server.port);
    const url = `rtsp://127.0.0.1:${String(proxy.port)}${fault.is === 'other size' ? '/sized' : '/hit'}`;
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
      this.#begin(proxy, fault);
      await new Promise((resolve) => setTimeout(resolve, faultMs));
      this.#end(proxy, fault);
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

  #begin(proxy: FaultProxy, fault: CameraFault['fault']): void {
    if (fault.is === 'other size') this.#server.show('/sized', this.#units.large);
    else if (fault.is === 'other codec') proxy.begin({ is: 'path', from: '/hit', to: '/other' });
    else proxy.begin(fault);
  }

  #end(proxy: FaultProxy, fault: CameraFault['fault']): void {
    if (fault.is === 'other size') this.#server.show('/sized', this.#units.small);
    else proxy.end();
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
