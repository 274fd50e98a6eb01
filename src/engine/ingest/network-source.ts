import { AVERROR_EOF } from 'node-av/constants';
import type { Clock } from '../../core/ports.ts';
import { machineClock } from './clock.ts';
import type { LiveFacts, LiveFrame, LiveSource } from './live-source.ts';
import { VideoReader } from './video-reader.ts';
import { networkOpenFault, networkReadFault } from './network-faults.ts';

/** A jump of the camera's own clock by more than this (or backwards) is not time that passed. */
const longestGapMs = 10_000;

const longestTimeoutMs = 5000;

/** RTSP over TCP, or MJPEG and streamed containers over HTTP. A picture is captured when its packet has arrived. */
export class NetworkSource implements LiveSource {
  readonly #reader: VideoReader;
  readonly #clock: Clock;
  #arrivedMonoMs = 0;
  #timeMs = 0;
  #last: { readonly ptsMs: number | null; readonly monoMs: number } | null = null;

  /**
   * @param openTimeoutMs also bounds every later read; a synchronous read cannot be interrupted, so 5 s at most.
   * @throws MediaFault
   */
  constructor(
    url: string,
    openTimeoutMs: number,
    maxPixels: number,
    onPacket: () => void,
    clock: Clock = machineClock,
  ) {
    this.#clock = clock;
    const timeoutUs = String(Math.round(Math.min(openTimeoutMs, longestTimeoutMs) * 1000));
    const isRtsp = /^rtsps?:/i.test(url);
    this.#reader = new VideoReader(
      url,
      {
        maxPixels,
        strict: false,
        openFault: (code) => networkOpenFault(code, isRtsp),
        readFault: networkReadFault,
        options: isRtsp
          ? {
              ...common,
              rtsp_transport: 'tcp',
              timeout: timeoutUs,
              protocol_whitelist: 'rtsp,rtsps,rtp,tcp,udp,tls',
              format_whitelist: 'rtsp,sdp,rtp,mpegts',
            }
          : {
              ...common,
              rw_timeout: timeoutUs,
              timeout: timeoutUs,
              protocol_whitelist: 'http,https,tcp,tls',
              format_whitelist: httpContainers,
            },
      },
      () => {
        this.#arrivedMonoMs = this.#clock.monoMs();
        onPacket();
      },
    );
  }

  get facts(): LiveFacts {
    const { width, height, codec, fps } = this.#reader.facts;
    return { width, height, codec, fps };
  }

  next(): LiveFrame {
    const decoded = this.#reader.next();
    if (decoded === null) throw networkReadFault(AVERROR_EOF);
    const monoMs = this.#arrivedMonoMs;
    const { numerator, denominator } = this.#reader.facts.timeBase;
    const ptsMs = decoded.pts === null ? null : (decoded.pts * 1000 * numerator) / denominator;
    if (this.#last !== null) this.#timeMs += passed(this.#last, ptsMs, monoMs);
    this.#last = { ptsMs, monoMs };
    return { frame: decoded.frame, timeMs: this.#timeMs, capturedMonoMs: monoMs };
  }

  close(): void {
    this.#reader.close();
  }
}

/**
 * No frames are read only to measure the rate: with FFmpeg's defaults a 10 fps camera takes 2 s to open, and another 2
 * until the next keyframe; like this it takes a quarter of a second.
 */
const common = { probesize: '1000000', analyzeduration: '2000000', fpsprobesize: '0' } as const;
const httpContainers = 'mpjpeg,mjpeg,jpeg_pipe,mpegts,flv,mov,mp4,m4a,3gp,3g2,mj2,matroska,webm';

/** Time from the last picture to this one: the camera's clock, or the arrival where that clock is missing or jumps. */
function passed(
  last: { readonly ptsMs: number | null; readonly monoMs: number },
  ptsMs: number | null,
  monoMs: number,
): number {
  const byCamera = ptsMs === null || last.ptsMs === null ? null : ptsMs - last.ptsMs;
  if (byCamera !== null && byCamera >= 0 && byCamera <= longestGapMs) return byCamera;
  return Math.max(0, monoMs - last.monoMs);
}
