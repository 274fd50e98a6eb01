import { join } from 'node:path';
import { drawTestPattern, type TestPattern } from '../test-pattern.ts';
import { drawAccessUnits, writeAccessUnits } from './access-units.ts';
import { FaultProxy, type Fault } from './fault-proxy.ts';
import { RtspServer, type RtspMount } from './rtsp-server.ts';

/** What is done to a camera, and what has to be seen of it. */
export interface CameraFault {
  readonly name: string;
  readonly fault: Exclude<Fault, { is: 'path' }> | { readonly is: 'other codec' } | { readonly is: 'other size' };
  /** The connection is given up, for these reasons; null: it is survived. */
  readonly words: FaultWords | null;
}

/** What is said of a camera that was live, and of each try to open it again. */
export interface FaultWords {
  readonly first: RegExp;
  readonly then: RegExp;
}

const oneOf = (...reasons: readonly string[]): RegExp => new RegExp(`^(${reasons.join('|')})$`);
const ended = 'The camera ended the stream(, or broke it off in the middle)?\\.';
const brokenOff = 'The connection to the camera (was broken off\\.|broke: .*)';
const silent = 'The camera (answered, but )?sent no picture for \\d+ s\\.';
/** A machine that is busy may find every try too slow. */
const late = 'The camera did not answer in time\\.';
const notOpened = 'The connection (was closed|was broken off|failed) before the camera answered\\.';
const foreign = 'What answers there is not an RTSP camera, or it broke off its answer\\.';
const login = 'The camera wants a user name and password \\(401\\)\\.';
const circle = 'The camera leads to rtsp:.*/hit, which cannot be opened: it leads on, again and again\\.';

/** It ends at once, and is not to be opened meanwhile. */
const gone: FaultWords = { first: oneOf(ended, brokenOff), then: oneOf(ended, brokenOff, notOpened, foreign, late) };
/** Nothing comes any more, and nothing to those who try again. */
const mute: FaultWords = { first: oneOf(silent), then: oneOf(silent, late) };
const noisy: FaultWords = {
  first: oneOf(silent, ended, brokenOff),
  then: oneOf(silent, ended, brokenOff, foreign, notOpened, late),
};

export const faults: readonly CameraFault[] = [
  { name: 'drop', fault: { is: 'drop' }, words: gone },
  { name: 'reset', fault: { is: 'reset' }, words: gone },
  { name: 'half-open', fault: { is: 'half-open' }, words: mute },
  { name: 'drip', fault: { is: 'drip' }, words: mute },
  { name: 'garbage', fault: { is: 'garbage' }, words: noisy },
  { name: 'burst', fault: { is: 'hold' }, words: mute },
  { name: '401', fault: { is: 'unauthorized' }, words: { first: oneOf(ended), then: oneOf(login, ended, late) } },
  { name: 'redirects', fault: { is: 'redirect' }, words: { first: oneOf(ended), then: oneOf(circle, ended, late) } },
  { name: 'other codec', fault: { is: 'other codec' }, words: { first: oneOf(ended), then: oneOf(ended, late) } },
  { name: 'other size', fault: { is: 'other size' }, words: null },
  { name: 'an hour forwards', fault: { is: 'stamps', jumpMs: 3_600_000 }, words: null },
  { name: 'an hour back', fault: { is: 'stamps', jumpMs: -3_600_000 }, words: null },
  { name: 'stamps stand still', fault: { is: 'stamps', jumpMs: 'constant' }, words: null },
];

/** A real RTSP server with what the faults need: a size and a codec to change to, and a path that nothing happens to. */
export class FaultServer implements AsyncDisposable {
  readonly #server: RtspServer;
  readonly #units: Readonly<Record<'small' | 'large', string>>;

  private constructor(server: RtspServer, units: Readonly<Record<'small' | 'large', string>>) {
    this.#server = server;
    this.#units = units;
  }

  static async open(folder: string): Promise<FaultServer> {
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
    return new FaultServer(await RtspServer.start(mounts), { small, large });
  }

  get steadyUrl(): string {
    return this.#server.url('/steady');
  }

  proxy(): Promise<FaultProxy> {
    return FaultProxy.before(this.#server.port);
  }

  /** The address of the camera that is to be hit. */
  url(proxy: FaultProxy, { fault }: CameraFault): string {
    return `rtsp://127.0.0.1:${String(proxy.port)}${fault.is === 'other size' ? '/sized' : '/hit'}`;
  }

  begin(proxy: FaultProxy, { fault }: CameraFault): void {
    if (fault.is === 'other size') this.#server.show('/sized', this.#units.large);
    else if (fault.is === 'other codec') proxy.begin({ is: 'path', from: '/hit', to: '/other' });
    else proxy.begin(fault);
  }

  end(proxy: FaultProxy, { fault }: CameraFault): void {
    if (fault.is === 'other size') this.#server.show('/sized', this.#units.small);
    else proxy.end();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#server[Symbol.asyncDispose]();
  }
}
