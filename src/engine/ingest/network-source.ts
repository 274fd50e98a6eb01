import { setTimeout as delay } from 'node:timers/promises';
import { AV_PKT_DATA_PRFT, AVERROR_EOF } from 'node-av/constants';
import { getFFmpegInfo, type Packet } from 'node-av/lib';
import type { CameraTransport } from '../../shared/domain/camera.ts';
import type { AddressRules } from '../../shared/network-address.ts';
import { ClockOffset } from './clock-offset.ts';
import { machineClock } from './clock.ts';
import type { HardwareUse } from './decoding/hardware-use.ts';
import { noTimestamp } from './ffmpeg.ts';
import type { LiveFacts, LiveFrame, LiveSource, PassedPacket } from './live-source.ts';
import { PictureArrivals, waitsForNext } from './picture-arrivals.ts';
import { MediaFault } from './media-fault.ts';
import {
  MaybeLedAway,
  NotReached,
  OwnError,
  networkOpenFault,
  networkReadFault,
  noVideoFault,
} from './network-faults.ts';
import { isRtspAddress, networkOptions, patientProbe } from './network-options.ts';
import type { PacketTap } from './packet-tap.ts';
import { httpLeadsTo, LedAway, mostRedirects, redirected, rtspLeadsTo } from './redirects.ts';
import { atAddress, openRules, resolveHost } from './resolve-host.ts';
import { RunningTime } from './running-time.ts';
import { tooLarge } from './too-large.ts';
import { SizeUnknown, VideoReader } from './video-reader.ts';

/** Between tries, while a server may be putting its stream away. */
const putAwayMs = [150, 350, 1_000];

export interface NetworkLimits {
  readonly transport: CameraTransport;
  /** Left out: what is never allowed. */
  readonly reach?: AddressRules | undefined;
  readonly maxPixels: number;
  readonly tap?: PacketTap | undefined;
  /** Left out: the processor decodes it. */
  readonly hardware?: HardwareUse | undefined;
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
  readonly #isTimed: boolean;
  #keyframes = 0;

  /** @param transport how its pictures come: tcp, udp, http or usb; null: over RTSP, which did not say how. */
  constructor(reader: VideoReader, maxPixels: number, transport: string | null) {
    this.#reader = reader;
    this.#maxPixels = maxPixels;
    this.#isTimed = reader.isTimed;
    const { width, height, codec } = reader.facts;
    const fps = this.#isTimed ? reader.facts.fps : null;
    this.#arrivals = new PictureArrivals(waitsForNext(transport !== 'http' && transport !== 'usb', codec));
    this.facts = { width, height, codec, fps, transport };
  }

  /**
   * Resolves its name once, and tries its addresses in order. Where the camera leads on is checked like what was asked for,
   * and opened in its place. @throws MediaFault, or the signal's reason.
   */
  static async open(url: string, limits: NetworkLimits): Promise<NetworkSource> {
    const { reach = openRules, signal } = limits;
    for (let at = url, redirects = 0; ; redirects++) {
      try {
        const addresses = await resolveHost(at, reach, signal);
        const opened = await NetworkSource.#openFirst(at, addresses, limits);
        if (opened instanceof NetworkSource) return opened;
        if (redirects === mostRedirects) throw new MediaFault('unreadable', 'it leads on, again and again.');
        at = redirected(at, opened.location);
      } catch (caught) {
        if (redirects === 0 || signal.aborted || !(caught instanceof MediaFault)) throw caught;
        throw caught instanceof LedAway ? caught : new LedAway(at, `which cannot be opened: ${caught.message}`);
      }
    }
  }

  /** Opens it at the first address that is reached, or says where the camera leads. */
  static async #openFirst(
    url: string,
    addresses: readonly string[],
    limits: NetworkLimits,
  ): Promise<NetworkSource | { readonly location: string }> {
    const { signal } = limits;
    const isRtsp = isRtspAddress(url);
    for (const [index, address] of addresses.entries()) {
      const location = isRtsp ? await rtspLeadsTo(url, address, signal) : null;
      if (location !== null) return { location };
      try {
        return await NetworkSource.#connectSoon(atAddress(url, address), limits);
      } catch (error) {
        if (error instanceof MaybeLedAway) {
          const led = await httpLeadsTo(url, address, signal);
          if (led !== null) return { location: led };
        }
        if (!(error instanceof NotReached) || index === addresses.length - 1) throw error;
      }
    }
    throw new Error('a name that is found has an address');
  }

  /** Some servers put a stream away when the last client goes, which our own asking was, and refuse it meanwhile. */
  static async #connectSoon(to: ReturnType<typeof atAddress>, limits: NetworkLimits): Promise<NetworkSource> {
    for (const pauseMs of isRtspAddress(to.url) ? putAwayMs : []) {
      try {
        return await NetworkSource.#connect(to, limits);
      } catch (error) {
        if (error instanceof SizeUnknown) return NetworkSource.#connect(to, limits, patientProbe);
        if (!(error instanceof OwnError)) throw error;
        await delay(pauseMs, undefined, { signal: limits.signal }).catch(() => undefined);
        limits.signal.throwIfAborted();
      }
    }
    return NetworkSource.#connect(to, limits);
  }

  static async #connect(
    { url, hostHeader }: ReturnType<typeof atAddress>,
    { transport, maxPixels, tap, hardware, signal, onAnswer }: NetworkLimits,
    probe: Readonly<Record<string, string>> = {},
  ): Promise<NetworkSource> {
    const isRtsp = isRtspAddress(url);
    const hasLogin = (URL.parse(url)?.username ?? '') !== '';
    const reader = await VideoReader.connect(
      url,
      {
        maxPixels,
        tap,
        hardware,
        strict: false,
        openFault: (code) => networkOpenFault(code, { isRtsp, hasLogin, transport }),
        readFault: networkReadFault,
        noVideo: noVideoFault,
        // Whoever led nowhere when it was asked, and leads FFmpeg away, is no camera that one would follow.
        opened: (at) => {
          if (at !== url) throw new LedAway(at, 'but did not when it was asked before. That is not followed');
        },
        options: {
          ...networkOptions(url, transport, getFFmpegInfo().version),
          ...probe,
          ...(hostHeader === null ? {} : { headers: `Host: ${hostHeader}\r\n` }),
        },
      },
      { signal, onAnswer },
    );
    return new NetworkSource(reader, maxPixels, isRtsp ? reader.transport : 'http');
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

  /** The next packet, for those alone who hear of packets: it is not decoded. */
  async pass(): Promise<PassedPacket> {
    if (!(await this.#reader.readAhead())) throw networkReadFault(AVERROR_EOF);
    const { packet } = this.#reader;
    const capturedMonoMs = this.#arrived(packet);
    const pts = packet.pts === noTimestamp ? packet.dts : packet.pts;
    this.#reader.pass();
    return { pts, capturedMonoMs };
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

  #arrived(packet: Packet): number {
    const readMonoMs = machineClock.monoMs();
    if (!this.#isTimed) {
      packet.pts = noTimestamp;
      packet.dts = noTimestamp;
      packet.duration = 0n;
    }
    const { arrivedMonoMs, heldMs } = this.#arrivals.packet(packet.pts, readMonoMs);
    this.#reader.packetArrivedMonoMs = arrivedMonoMs;
    if (packet.isKeyframe) this.#keyframes += 1;
    // AVProducerReferenceTime: the wall clock of the packet in microseconds, which RTP has from its sender reports.
    const reference = packet.getSideData(AV_PKT_DATA_PRFT);
    if (reference !== null)
      this.#clock.told(Number(reference.readBigInt64LE(0)) / 1000, machineClock.epochMs() - heldMs);
    return arrivedMonoMs;
  }
}
