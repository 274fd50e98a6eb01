import { lookup } from 'node:dns';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { LookupFunction } from 'node:net';
import { toErrorValue } from '../../shared/errors.ts';
import { addressRefusal, parseWebhook } from './webhook-address.ts';

export type Posted = { readonly ok: true } | { readonly ok: false; readonly reason: string };

/** Sends one JSON body. Never rejects. */
export type PostWebhook = (address: string, body: string) => Promise<Posted>;

const timeoutMs = 5_000;

/**
 * POSTs to a webhook: an answer of 2xx is success, everything else is not. Redirects are not followed, so an answer cannot
 * send us elsewhere; each name is looked up once, and what was looked at is what is connected to.
 */
export const postWebhook: PostWebhook = (address, body) =>
  new Promise((resolve) => {
    const fail = (reason: string): void => {
      resolve({ ok: false, reason });
    };
    let url: URL;
    try {
      url = parseWebhook(address);
    } catch (caught) {
      fail(toErrorValue(caught).message);
      return;
    }
    const sent = (url.protocol === 'https:' ? httpsRequest : httpRequest)(
      url,
      {
        method: 'POST',
        agent: false,
        lookup: checkedLookup(url.protocol),
        signal: AbortSignal.timeout(timeoutMs),
        headers: {
          'content-type': 'application/json; charset=utf-8',
          'content-length': Buffer.byteLength(body),
          'user-agent': 'nightshift',
        },
      },
      ({ statusCode = 0 }) => {
        if (statusCode >= 200 && statusCode < 300) resolve({ ok: true });
        else if (statusCode >= 300 && statusCode < 400)
          fail(`It answered ${String(statusCode)}: redirects are not followed.`);
        else fail(`It answered ${String(statusCode)}.`);
        // Whatever it has to say besides is not read.
        sent.destroy();
      },
    );
    sent.on('error', (error) => {
      fail(
        error.name === 'TimeoutError' || error.name === 'AbortError'
          ? `It did not answer within ${String(timeoutMs / 1000)} s.`
          : error.message,
      );
    });
    sent.end(body);
  });

/** Refuses a name as soon as one of its addresses is refused: which of them would be taken is chance. */
function checkedLookup(protocol: string): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) {
        callback(error, '', 0);
        return;
      }
      for (const { address } of addresses) {
        const why = addressRefusal(protocol, address);
        if (why !== null) {
          callback(new Error(why), '', 0);
          return;
        }
      }
      const [first] = addresses;
      if (options.all === true) callback(null, addresses);
      else if (first === undefined) callback(new Error(`${hostname} has no address`), '', 0);
      else callback(null, first.address, first.family);
    });
  };
}
