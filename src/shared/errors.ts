/**
 * The closed list of error kinds. An error crosses a process as a value of this shape, never as an `Error`:
 * what reaches a renderer through `invoke` is not the object that was thrown.
 */
export const errorKinds = [
  'bad-input', // the caller's words or files are wrong; trying again unchanged cannot help
  'needs-consent', // allowed once a person has agreed to it: ask, and say so in the next try
  'not-found', // the named thing does not exist (any more)
  'conflict', // it exists already, or its state does not allow this
  'unsupported', // a right request for something this build or machine cannot do
  'unreachable', // a source or peer did not answer
  'timed-out', // it answered too late
  'cancelled', // somebody asked for the end
  'owned-elsewhere', // another Nightshift owns the data folder and cannot take this over
  'engine-lost', // the engine went away; work continues by itself once it is back
  'model-rejected', // the model file cannot be loaded or does not fit its manifest
  'no-space', // the disk is full
  'no-permission', // the operating system said no
  'storage', // the database said no
  'unauthorised', // wrong token, Host, Origin or sender
  'internal', // a bug in Nightshift
] as const;

export type ErrorKind = (typeof errorKinds)[number];

/** What happened, where, and what to try. */
export interface ErrorValue {
  readonly kind: ErrorKind;
  /** One sentence: what happened. */
  readonly message: string;
  /** The path, URL, camera, job or setting concerned. */
  readonly where?: string;
  /** One sentence: what the operator can try. */
  readonly hint?: string;
}

export type Result<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: ErrorValue };

export const ok = <T>(value: T): Result<T> => ({ ok: true, value });
export const failed = (error: ErrorValue): Result<never> => ({ ok: false, error });

/** The thrown form inside one process; `toErrorValue` is its form on the wire. */
export class NightshiftError extends Error implements ErrorValue {
  readonly kind: ErrorKind;
  readonly where?: string;
  readonly hint?: string;

  constructor(error: ErrorValue, options?: { cause?: unknown }) {
    super(error.message, options as ErrorOptions);
    this.name = 'NightshiftError';
    this.kind = error.kind;
    if (error.where !== undefined) this.where = error.where;
    if (error.hint !== undefined) this.hint = error.hint;
  }
}

/** Normalises anything caught. An unknown throw is `internal`: it is a bug until somebody gives it a kind. */
export function toErrorValue(caught: unknown): ErrorValue {
  if (caught instanceof NightshiftError) {
    return {
      kind: caught.kind,
      message: caught.message,
      ...(caught.where === undefined ? {} : { where: caught.where }),
      ...(caught.hint === undefined ? {} : { hint: caught.hint }),
    };
  }
  return { kind: 'internal', message: caught instanceof Error ? caught.message : String(caught) };
}

/** One line for a terminal or a log: `what (where). What to try.` */
export function describeError(error: ErrorValue): string {
  const place = error.where === undefined || error.message.includes(error.where) ? '' : ` (${error.where})`;
  const advice = error.hint === undefined ? '' : ` ${error.hint}`;
  return `${error.message}${place}${advice}`;
}
