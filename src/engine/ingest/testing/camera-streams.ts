import { join } from 'node:path';
import { drawTestPattern } from '../test-pattern.ts';
import { drawAccessUnits, writeAccessUnits } from './access-units.ts';
import { RtspServer } from './rtsp-server.ts';

export interface StreamsWanted {
  readonly count: number;
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  /** `apart`: each ticks at a moment of its own, as cameras do that know nothing of each other; `together`: all at once. */
  readonly phases: 'apart' | 'together';
  /** Share of the time in which nothing moves; left out: something always does. */
  readonly still?: number;
}

/** So many pictures are drawn of each, and shown round and round. */
const pictures = 50;
/** Drawn scenes; cameras of one scene show it in different phases. */
const scenes = 4;

/** H.264 cameras of one RTSP server, each with a stream of its own: `/1`, `/2`, … */
export class CameraStreams implements AsyncDisposable {
  readonly urls: readonly string[];
  readonly #server: RtspServer;

  private constructor(server: RtspServer, count: number) {
    this.#server = server;
    this.urls = Array.from({ length: count }, (_, index) => server.url(`/${String(index + 1)}`));
  }

  static async open(folder: string, { count, phases, still = 0, ...picture }: StreamsWanted): Promise<CameraStreams> {
    const units: string[] = [];
    const moving = Math.round(pictures * (1 - still));
    for (let scene = 0; scene < Math.min(count, scenes); scene++) {
      const pattern = { ...picture, seed: scene + 1, rectangles: 2, burst: 1 };
      const draw = (frame: number, rgb: Uint8Array): void => {
        drawTestPattern(pattern, Math.min(frame, moving), rgb);
      };
      const drawn = await drawAccessUnits('h264', { ...picture, frames: pictures, draw }, join(folder, 'scratch'));
      units.push(writeAccessUnits(join(folder, `scene ${String(scene)}`), drawn));
    }
    const server = await RtspServer.start(
      Array.from({ length: count }, (_, index) => ({
        path: `/${String(index + 1)}`,
        codec: 'h264',
        units: units[index % units.length] ?? '',
        fps: picture.fps,
        transports: ['tcp'],
        phaseMs: phases === 'together' ? 0 : ((index * 0.618) % 1) * (1000 / picture.fps),
      })),
    );
    return new CameraStreams(server, count);
  }

  /** Of the server, for those who add a path of their own. */
  get port(): number {
    return this.#server.port;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#server[Symbol.asyncDispose]();
  }
}
