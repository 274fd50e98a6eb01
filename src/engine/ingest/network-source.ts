import { AV_PKT_DATA_PRFT, AVERROR_EOF } from 'node-av/constants';
import { getFFmpegInfo, type Packet } from 'node-av/lib';
import type { CameraTransport } from '../../shared/domain/camera.ts';
import type { AddressRules } from '../../shared/network-address.ts';
import { ClockOffset } from './clock-offset.ts';
import { machineClock } from './clock.ts';
import type { LiveFacts, LiveFrame, LiveSource } from './live-source.ts';
import { PictureArrivals, waitsForNext } from './picture-arrivals.ts';
import { NotReached, networkOpenFault, networkReadFault, noVideoFault } from './network-faults.ts';
import { isRtspAddress, networkOptions } from './network-options.ts';
import type { PacketTap } from './packet-tap.ts';
import { atAddress, openRules, resolveHost } from './resolve-host.ts';
import { RunningTime } from './running-time.ts';
import { tooLarge } from './too-large.ts';
import { VideoReader } from './video-reader.ts';

export interface NetworkLimits {
  readonly transport: CameraTransport;
  /** Left out: what is never allowed. */
  readonly reach?: AddressRules | undefined;
  readonly maxPixels: number;
  readonly tap?: PacketTap | undefined;
  /** Ends whatever goes on, which then throws the signal's reason. */
  readonly signal: AbortSignal;
  /** The camera has answered; what is missing is pictures. */
  readonly onAnswer: () => void;
}

/** RTSP, or MJPEG and streamed containers over HTTP. A picture is captured when it arrives (`PictureArrivals`). */
export class NetworkSource implements LiveSource {
  readonly facts: LiveFacts;
  readonly #reader: VideoReader;
  readonly #maxPixels: number;
  readonly #time = new RunningTime();
  readonly #clock = new ClockOffset();
  readonly #arrivals: PictureArrivals;
  #keyframes = 0;

  private constructor(reader: VideoReader, maxPixels: number, isRtsp: boolean) {
    this.#reader = reader;
    this.#maxPixels = maxPixels;
    const { width, height, codec, fps } = reader.facts;
    const transport = isRtsp ? reader.transport : 'http';
    this.#arrivals = new PictureArrivals(waitsForNext(isRtsp, codec));
    this.facts = { width, height, codec, fps, decoder: `${codec} (software)`, transport };
  }

  /** Resolves its name once, and tries its addresses in order. @throws MediaFault, or the signal's reason. */
  static async open(url: string, limits: NetworkLimits): Promise<NetworkSource> {
    const addresses = await resolveHost(url, limits.reach ?? openRules, limits.signal);
    for (const [index, address] of addresses.entries()) {
      try {
        return await NetworkSource.#connect(atAddress(url, address), limits);
      } catch (error) {
        if (!(error instanceof NotReached) || index === addresses.length - 1) throw error;
      }
    }
    throw new Error('a name that is found has an address');
  }

  static async #connect(
    { url, hostHeader }: ReturnType<typeof atAddress>,
    { transport, maxPixels, tap, signal, onAnswer }: NetworkLimits,
  ): Promise<NetworkSource> {
    const isRtsp = isRtspAddress(url);
    const hasLogin = (URL.parse(url)?.username ?? '') !== '';
    const reader = await VideoReader.connect(
      url,
      {
        maxPixels,
        tap,
        strict: false,
        openFault: (code) => networkOpenFault(code, { isRtsp, hasLogin, transport }),
        readFault: networkReadFault,
        noVideo: noVideoFault,
        options: {
          ...networkOptions(url, transport, getFFmpegInfo().version),
          ...(hostHeader === null ? {} : { headers: `Host: ${hostHeader}\r\n` }),
        },
      },
      { signal, onAnswer },
    );
    return new NetworkSource(reader, maxPixels, isRtsp);
  }

  async next(): Promise<LiveFrame> {
    for (;;) {
      const decoded = this.#reader.decoded();
      if (decoded === null) throw networkReadFault(AVERROR_EOF);
      if (decoded === undefined) {
        if (!(await this.#reader.readAhead())) throw networkReadFault(AVERROR_EOF);
        this.#arrived(this.#reader.packet);
        continue;
      }
      const { width, height } = decoded.frame;
      if (width * height > this.#maxPixels) throw tooLarge(width, height, this.#maxPixels);
      const { numerator, denominator } = this.#reader.facts.timeBase;
      const stampMs = decoded.pts === null ? null : (decoded.pts * 1000 * numerator) / denominator;
      const { arrivedMonoMs, heldMs } = this.#arrivals.of(decoded.frame.pts);
      const timeMs = this.#time.next(stampMs, arrivedMonoMs);
      return { frame: decoded.frame, timeMs, capturedMonoMs: arrivedMonoMs, heldMs };
    }
  }

  get keyframes(): number {
    return this.#keyframes;
  }

  get clockOffsetMs(): number | null {
    return this.#clock.offsetMs;
  }

  close(): void {
    this.#reader.close();
  }

  #arrived(packet: Packet): void {
    const readMonoMs = machineClock.monoMs();
    const { arrivedMonoMs, heldMs } = this.#arrivals.packet(packet.pts, readMonoMs);
    this.#reader.packetArrivedMonoMs = arrivedMonoMs;
    if (packet.isKeyframe) this.#keyframes += 1;
    // AVProducerReferenceTime: the wall clock of the packet in microseconds, which RTP has from its sender reports.
    const reference = packet.getSideData(AV_PKT_DATA_PRFT);
    if (reference !== null)
      this.#clock.told(Number(reference.readBigInt64LE(0)) / 1000, machineClock.epochMs() - heldMs);
  }
}
