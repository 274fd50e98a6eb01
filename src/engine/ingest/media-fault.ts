import type { FailureKind } from '../../shared/domain/job.ts';

/** A file or source that cannot be used, in the words and kinds of an item's failure. Thrown, caught at the item. */
export class MediaFault extends Error {
  readonly kind: FailureKind;

  constructor(kind: FailureKind, message: string, options?: { cause?: unknown }) {
    super(message, options as ErrorOptions);
    this.name = 'MediaFault';
    this.kind = kind;
  }
}

/** Anything caught while a file was decoded. What is not known to be the file's or the disk's fault is `undecodable`. */
export function asMediaFault(caught: unknown): MediaFault {
  if (caught instanceof MediaFault) return caught;
  const code = errnoCode(caught);
  if (code !== null) return systemFault(code, caught);
  return new MediaFault('undecodable', caught instanceof Error ? caught.message : String(caught), { cause: caught });
}

/** Errors of the operating system: gone, not allowed, or a disk or share that does not answer. */
export function systemFault(code: string, cause?: unknown): MediaFault {
  const options = cause === undefined ? {} : { cause };
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return new MediaFault('missing', 'The file is not there.', options);
    case 'EACCES':
    case 'EPERM':
      return new MediaFault('unreadable', 'The operating system does not allow this file to be read.', options);
    case 'EISDIR':
      return new MediaFault('unsupported', 'This is a folder, not a picture or video.', options);
    case 'ETIMEDOUT':
      return new MediaFault('timed-out', 'The disk or share did not answer in time.', options);
    default:
      return new MediaFault('unreadable', `The disk or share failed while the file was read (${code}).`, options);
  }
}

function errnoCode(caught: unknown): string | null {
  if (!(caught instanceof Error) || !('code' in caught) || !('syscall' in caught)) return null;
  return typeof caught.code === 'string' ? caught.code : null;
}
