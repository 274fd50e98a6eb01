import type { CameraTransport } from '../../shared/domain/camera.ts';
import { MediaFault } from './media-fault.ts';

/** No frames are read only to measure the rate, or 10 fps take 2 s to open and another 2 until the next keyframe. */
const common = { analyzeduration: '2000000', fpsprobesize: '0' } as const;
/**
 * What RTSP sends is known from its description. FFmpeg would read seven pictures to see whether they are reordered,
 * which is more than a minute of a camera with one in ten seconds.
 */
const rtspProbe = { ...common, probesize: '32' } as const;
/**
 * Instead of those above, where neither the description nor the first packet tell how large the pictures are: a camera
 * that describes its stream badly is read until it shows one, sound or not.
 */
export const patientProbe: Readonly<Record<string, string>> = { probesize: '5000000', analyzeduration: '20000000' };
const httpProbe = { ...common, probesize: '1000000' } as const;
const httpContainers = 'mpjpeg,mjpeg,jpeg_pipe,mpegts,flv,mov,mp4,m4a,3gp,3g2,mj2,matroska,webm';

/** Before it, FFmpeg's playlist reader can be led past its list of allowed protocols (CVE-2026-107697). */
const safePlaylists = [8, 1, 3] as const;

export const isRtspAddress = (url: string): boolean => /^rtsps?:/i.test(url);
const isPlaylistAddress = (url: string): boolean => /\.m3u8?$/i.test(URL.parse(url)?.pathname ?? '');

/**
 * FFmpeg's options for a camera's address: which protocols and formats may take part, and how RTSP is carried. There are
 * no time limits in them, whoever opens it interrupts it.
 * @throws MediaFault where the address cannot be opened safely.
 */
export function networkOptions(
  url: string,
  transport: CameraTransport,
  ffmpegVersion: string,
): Readonly<Record<string, string>> {
  if (isRtspAddress(url)) {
    return {
      ...rtspProbe,
      ...carriedBy[transport],
      protocol_whitelist: 'rtsp,rtsps,rtp,tcp,udp,tls',
      format_whitelist: 'rtsp,sdp,rtp,mpegts',
    };
  }
  const http = { ...httpProbe, protocol_whitelist: 'http,https,tcp,tls', max_redirects: '0' };
  if (!isPlaylistAddress(url)) return { ...http, format_whitelist: httpContainers };
  if (!isAtLeast(ffmpegVersion, safePlaylists)) {
    throw new MediaFault(
      'unsupported',
      `HLS is not opened with this FFmpeg (${ffmpegVersion}): a playlist could make it read files of this machine. ` +
        "Use the camera's RTSP or MJPEG address.",
    );
  }
  return { ...http, format_whitelist: 'hls,mpegts,mov,mp4,m4a,3gp,3g2,mj2', live_start_index: '-1' };
}

/** `auto`: over TCP, and over UDP where the camera refuses that, in the same conversation. */
const carriedBy: Readonly<Record<CameraTransport, Readonly<Record<string, string>>>> = {
  auto: { rtsp_transport: 'udp+tcp', rtsp_flags: 'prefer_tcp' },
  tcp: { rtsp_transport: 'tcp' },
  udp: { rtsp_transport: 'udp' },
};

function isAtLeast(version: string, [major, minor, patch]: readonly [number, number, number]): boolean {
  const [a = 0, b = 0, c = 0] = (/^n?(\d+(?:\.\d+)*)/.exec(version)?.[1] ?? '').split('.').map(Number);
  return a !== major ? a > major : b !== minor ? b > minor : c >= patch;
}
