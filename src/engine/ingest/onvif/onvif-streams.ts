import { subscribe } from 'node:diagnostics_channel';
import type { Readable } from 'node:stream';
import { Cam } from 'onvif';
import type { OnvifStream, OnvifStreams } from '../../../shared/domain/onvif.ts';
import { networkPlace } from '../../../shared/network-address.ts';
import { MediaFault } from '../media-fault.ts';
import type { LookRequest } from '../messages.ts';
import { resolveHost } from '../resolve-host.ts';
import { numberAt, textAt } from './soap-values.ts';

type Request = Extract<LookRequest, { type: 'onvif-streams' }>;

/** A camera has two or three; a recorder with many channels is cut here. */
const mostStreams = 64;
/** SOAP answers have a few kilobytes. */
const mostAnswerBytes = 4 * 1024 * 1024;

/**
 * Asks an ONVIF camera for its streams. It is reached at one address only, the one that was checked: what it says of its
 * own addresses is not followed, and its streams are taken to be where it is. Runs on a thread of its own, since the
 * client throws where it does not expect it. @throws MediaFault
 */
export async function onvifStreams(
  { address, login, reach, limitMs }: Request,
  signal: AbortSignal,
): Promise<OnvifStreams> {
  const place = networkPlace(address);
  if (place === null || !/^https?$/.test(place.scheme)) {
    throw new MediaFault('unsupported', "An ONVIF camera's address begins with http:// or https://.");
  }
  const [host] = await resolveHost(address, reach, signal);
  if (host === undefined) throw new Error('a name that is found has an address');
  limitAnswers();
  const camera = new Cam({
    hostname: host,
    port: place.port,
    path: new URL(address).pathname,
    timeout: limitMs,
    autoconnect: false,
    preserveAddress: true,
    useSecure: place.scheme === 'https',
    // Cameras certify themselves; the password is proved to them, and never sent.
    secureOpts: { rejectUnauthorized: false, servername: place.host },
    ...(login === null ? {} : { username: escaped(login.user), password: login.password }),
  });
  const ended = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => {
      reject(signal.reason as Error);
    });
  });
  ended.catch(() => undefined);
  const ask = <T>(start: (answer: (error: Error | null, value?: T) => void) => void): Promise<T | undefined> =>
    Promise.race([
      new Promise<T | undefined>((resolve, reject) => {
        start((error, value) => {
          // Without an error some calls answer false or undefined in its place.
          if (error instanceof Error) reject(error);
          else resolve(value);
        });
      }),
      ended,
    ]);

  try {
    await ask((answer) => {
      camera.getSystemDateAndTime(answer);
    });
    await ask((answer) => {
      camera.getServices(true, answer);
    }).catch(() =>
      ask((answer) => {
        camera.getCapabilities(answer);
      }),
    );
    const about: unknown = await ask((answer) => {
      camera.getDeviceInformation(answer);
    }).catch(() => null);
    const profiles: unknown = await ask((answer) => {
      camera.getProfiles(answer);
    });
    const streams: OnvifStream[] = [];
    for (const profile of (Array.isArray(profiles) ? (profiles as readonly unknown[]) : []).slice(0, mostStreams)) {
      const profileToken = textAt(profile, '$', 'token');
      if (profileToken === null) continue;
      const answered: unknown = await ask((answer) => {
        camera.getStreamUri({ protocol: 'RTSP', profileToken }, answer);
      });
      const url = urlAt(place.host, textAt(answered, 'uri'));
      if (url !== null) streams.push(streamOf(profile, url));
    }
    if (streams.length === 0) throw new MediaFault('unsupported', 'The camera says over ONVIF that it has no stream.');
    streams.sort((a, b) => (a.width ?? 0) * (a.height ?? 0) - (b.width ?? 0) * (b.height ?? 0));
    return { maker: textAt(about, 'manufacturer'), model: textAt(about, 'model'), streams };
  } catch (caught) {
    if (signal.aborted) throw signal.reason;
    throw inWords(caught, login !== null);
  }
}

function streamOf(profile: unknown, url: string): OnvifStream {
  const encoder = 'videoEncoderConfiguration';
  return {
    url,
    name: textAt(profile, 'name')?.slice(0, 100) ?? 'stream',
    codec: textAt(profile, encoder, 'encoding')?.toLowerCase() ?? null,
    width: numberAt(profile, encoder, 'resolution', 'width'),
    height: numberAt(profile, encoder, 'resolution', 'height'),
    fps: numberAt(profile, encoder, 'rateControl', 'frameRateLimit'),
  };
}

/** At the camera's host, without a login: it must not send our password to anybody else. */
export function urlAt(host: string, uri: string | null): string | null {
  const match = /^(rtsps?):\/\/(?:[^@/?#]*@)?(?:\[[^\]]*\]|[^:/?#]*)(:\d+)?([/?].*)?$/i.exec(uri ?? '');
  if (match === null) return null;
  const [, scheme = 'rtsp', port = '', rest = ''] = match;
  return `${scheme.toLowerCase()}://${host.includes(':') ? `[${host}]` : host}${port}${rest}`;
}

function inWords(caught: unknown, hasLogin: boolean): MediaFault {
  if (caught instanceof MediaFault) return caught;
  const text = caught instanceof Error ? caught.message : String(caught);
  const code = (caught as NodeJS.ErrnoException).code ?? '';
  if (/not ?authorized|unauthorized|401|digest authentication/i.test(text)) {
    return new MediaFault(
      'unreadable',
      hasLogin
        ? 'The camera refuses this user name and password for ONVIF (401).'
        : 'The camera wants a user name and password for ONVIF (401).',
    );
  }
  if (code === 'ECONNREFUSED') {
    return new MediaFault('unreadable', 'The connection was refused: nothing listens at this address and port.');
  }
  if (code === 'EHOSTUNREACH' || code === 'ENETUNREACH') {
    return new MediaFault('unreadable', 'There is no way to this address in the network.');
  }
  if (/timeout/i.test(text)) return new MediaFault('timed-out', 'The camera did not answer in time.');
  if (code !== '') return new MediaFault('unreadable', `The connection to the camera broke (${code}).`);
  return new MediaFault('unsupported', 'What answers there does not speak ONVIF, or has it switched off.');
}

/** The client puts user names into its messages as they are. */
const escaped = (text: string): string => text.replace(/[<>&"']/g, (sign) => `&#${String(sign.charCodeAt(0))};`);

let areAnswersLimited = false;

/** The client gathers whole answers, however long they are: beyond the limit the connection is cut. */
function limitAnswers(): void {
  if (areAnswersLimited) return;
  areAnswersLimited = true;
  subscribe('http.client.response.finish', (message) => {
    const { response } = message as { readonly response: Readable };
    let bytes = 0;
    response.on('data', (chunk: Buffer) => {
      bytes += chunk.byteLength;
      if (bytes > mostAnswerBytes) response.destroy(new Error('the answer is too long'));
    });
  });
}
