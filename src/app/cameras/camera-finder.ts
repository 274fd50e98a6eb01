import type { Clock } from '../../core/ports.ts';
import type {
  CameraProbe,
  CameraProbeQuestion,
  CameraProbeStream,
  OnvifQuestion,
} from '../../shared/domain/camera-changes.ts';
import type { CameraLogin } from '../../shared/domain/camera.ts';
import type { FoundCameras, OnvifStreams } from '../../shared/domain/onvif.ts';
import type { ProbedStream } from '../../shared/engine/protocol.ts';
import { describeError, NightshiftError, toErrorValue } from '../../shared/errors.ts';
import type { AddressRules } from '../../shared/network-address.ts';
import { redactAddresses } from '../../shared/redact-addresses.ts';
import type { EngineHost } from '../engine-host/engine-host.ts';
import { addressWithLogin, checkReach, isSameMachine, readCameraUrl, type CameraAddress } from './camera-url.ts';
import { siblingStream } from './sibling-stream.ts';

/** An answer is there within 8 s: the one stream that was asked for first, then the other for what is left of it. */
const firstLimitMs = 6_000;
const wholeLimitMs = 7_400;
const leastForOtherMs = 1_500;
/** Until the engine has given up by itself. */
const answerMs = 600;
const pictureWidth = 640;

const onvifLimitMs = 6_000;

export interface CameraFinderDeps {
  readonly engine: Pick<EngineHost, 'request'>;
  readonly ownPorts: ReadonlySet<number>;
  readonly clock: Clock;
  /** What is kept of a camera, for an address of it; null: nothing that may go there. */
  readonly kept: (cameraId: string, url: string) => Promise<KeptAddress | null>;
}

export interface KeptAddress {
  readonly url: string;
  readonly login: CameraLogin | null;
}

/**
 * Looks for cameras, and at addresses before they become cameras. Nothing is stored. Everything rejects with a
 * NightshiftError that says what is wrong and what to try.
 */
export class CameraFinder {
  readonly #deps: CameraFinderDeps;

  constructor(deps: CameraFinderDeps) {
    this.#deps = deps;
  }

  async probe({ url, login, transport, allowLoopback, cameraId, largeUrl }: CameraProbeQuestion): Promise<CameraProbe> {
    const { engine, clock } = this.#deps;
    const startMonoMs = clock.monoMs();
    const kept = cameraId === undefined ? null : await this.#deps.kept(cameraId, url);
    const address = readCameraUrl(kept?.url ?? url, process.cwd());
    const reach = this.#reach(allowLoopback);
    checkReach(address.url, address.shown, reach);
    const used = login ?? address.login ?? kept?.login ?? null;
    const look = async (
      { url: at, shown }: CameraAddress,
      limitMs: number,
      by: CameraLogin | null = used,
    ): Promise<CameraProbeStream> => {
      const request = { type: 'probe', url: addressWithLogin(at, by), transport, reach, limitMs } as const;
      const found = await engine.request({ ...request, maxWidth: pictureWidth }, limitMs + answerMs);
      return streamOf(shown, found);
    };

    const stream = await look(address, firstLimitMs).catch((caught: unknown) => {
      throw inWords(caught, address.shown);
    });
    const leftMs = wholeLimitMs - (clock.monoMs() - startMonoMs);
    if (largeUrl === undefined) {
      const sibling = siblingStream(address.url);
      if (sibling === null || leftMs < leastForOtherMs) return { stream, other: null, otherProblem: null };
      // Only guessed from the form of the address: nothing there is no fault.
      const guessed = await look(readCameraUrl(sibling, process.cwd()), leftMs).catch(() => null);
      return { stream, other: guessed, otherProblem: null };
    }
    try {
      const keptLarge = cameraId === undefined ? null : await this.#deps.kept(cameraId, largeUrl);
      const large = readCameraUrl(keptLarge?.url ?? largeUrl, process.cwd());
      checkReach(large.url, large.shown, reach);
      const by = large.login ?? (isSameMachine(address.url, large.url) ? used : (keptLarge?.login ?? null));
      const other = await look(large, Math.max(leftMs, leastForOtherMs), by).catch((caught: unknown) => {
        throw inWords(caught, large.shown);
      });
      return { stream, other, otherProblem: null };
    } catch (caught) {
      return { stream, other: null, otherProblem: describeError(toErrorValue(caught)) };
    }
  }

  async discover(waitMs: number): Promise<FoundCameras> {
    const limitMs = waitMs + 2_000;
    const request = { type: 'discover-cameras', waitMs, limitMs, target: null } as const;
    return this.#deps.engine.request(request, limitMs + answerMs);
  }

  async onvifStreams({ address: typed, login, allowLoopback }: OnvifQuestion): Promise<OnvifStreams> {
    const whole = /^[a-z]+:\/\//i.test(typed) ? typed : `http://${typed}/onvif/device_service`;
    const address = readCameraUrl(whole, process.cwd());
    const reach = this.#reach(allowLoopback);
    checkReach(address.url, address.shown, reach);
    const used = login ?? address.login;
    const request = { type: 'onvif-streams', address: address.url, login: used, reach, limitMs: onvifLimitMs } as const;
    try {
      return await this.#deps.engine.request(request, onvifLimitMs + answerMs);
    } catch (caught) {
      throw inWords(caught, address.shown);
    }
  }

  #reach(allowLoopback: boolean): AddressRules {
    return { ownPorts: [...this.#deps.ownPorts], allowLoopback };
  }
}

function streamOf(shown: string, found: ProbedStream): CameraProbeStream {
  const { jpeg, decodeMs: _decodeMs, ...facts } = found;
  return {
    url: shown,
    ...facts,
    decodeCost: decodeCost(found),
    picture: Buffer.from(jpeg).toString('base64'),
  };
}

/** What decoding all the pictures costs, as people think of it. */
export function decodeCost({
  decodeMs,
  fps,
  decodeCoreMsPerSecond: coreMs,
}: Pick<ProbedStream, 'decodeMs' | 'fps' | 'decodeCoreMsPerSecond'>): string {
  if (coreMs === null || decodeMs === null || fps === null) return 'What its decoding costs could not be measured.';
  const percent = coreMs / 10;
  const share = percent < 1 ? 'less than 1 %' : `about ${String(Math.round(percent))} %`;
  return `Decoding takes ${decodeMs.toFixed(1)} ms a picture, ${String(fps)} a second: ${share} of one processor core.`;
}

/** The engine's faults are about files; this one is about a camera, and about what to try. */
function inWords(caught: unknown, shown: string): NightshiftError {
  const { kind, message } = toErrorValue(caught);
  const text = redactAddresses(message);
  const known = kind === 'engine-lost' || kind === 'internal' ? kind : kind === 'timed-out' ? kind : 'unreachable';
  const hint = hints.find(([words]) => words.test(text))?.[1];
  return new NightshiftError({ kind: known, message: text, where: shown, ...(hint === undefined ? {} : { hint }) });
}

const hints: readonly (readonly [RegExp, string])[] = [
  [/\(401\)/, 'Many cameras have a user of their own for streams, and lock it for minutes after wrong tries.'],
  [/ONVIF, or has it/, 'Switch ONVIF on in the camera; many want a user of its own for it.'],
  [/\(404\)/, "Each maker has its own path: look into the camera's manual, or discover it with ONVIF."],
  [/No machine is called/, 'Check the name, or use the number of its address.'],
  [/refused/, 'Check the port, and that RTSP is switched on in the camera.'],
  [/no way to this address/, 'Check that this machine is in the same network as the camera.'],
  [/not an RTSP camera|known format|not a video/, 'Check the scheme: rtsp:// for most cameras, http:// for MJPEG.'],
  [/cannot be decoded here/, 'Set the camera to H.264 or H.265.'],
  [/answered, but sent no picture/, 'Restart the camera, or try the other transport.'],
  [/USB camera .*in use|does not start/, 'Close what else shows its picture.'],
  [/did not answer/, 'Check that the camera is switched on, and that no firewall is between.'],
];
