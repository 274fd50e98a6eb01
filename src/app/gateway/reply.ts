import type { ErrorKind, ErrorValue } from '../../shared/errors.ts';
import { failed } from '../../shared/errors.ts';

/** Part of a file: `start` and `end` are byte positions, both included; an empty file has `end` -1. */
export interface FileSlice {
  readonly file: string;
  readonly start: number;
  readonly end: number;
}

/** An HTTP answer before a transport sends it: node:http in the gateway, a `Response` in Electron's protocol handler. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array | FileSlice | null;
}

export const isFileSlice = (body: Reply['body']): body is FileSlice =>
  body !== null && typeof body === 'object' && 'file' in body;

const statuses: { readonly [K in ErrorKind]: number } = {
  'bad-input': 400,
  unauthorised: 401,
  'no-permission': 403,
  'needs-consent': 409,
  'not-found': 404,
  conflict: 409,
  cancelled: 409,
  'owned-elsewhere': 409,
  'model-rejected': 422,
  internal: 500,
  storage: 500,
  unsupported: 501,
  unreachable: 502,
  'engine-lost': 503,
  'timed-out': 504,
  'no-space': 507,
};

export const statusOf = (kind: ErrorKind): number => statuses[kind];

/** The same shape as a failed call's, so that a client reads one kind of answer. `status` where HTTP is more exact. */
export function errorReply(error: ErrorValue, status = statusOf(error.kind)): Reply {
  return jsonReply(status, failed(error));
}

export function jsonReply(status: number, value: unknown): Reply {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' },
    body: JSON.stringify(value),
  };
}
