import { stillWidths } from '../../shared/contract/media.ts';
import { toErrorValue } from '../../shared/errors.ts';
import type { App } from '../app.ts';
import type { Reply } from './reply.ts';
import { errorReply } from './reply.ts';

/** `/still/event/:id?w=` and `/still/detection/:id?w=` (see `stillPaths`); null: the path is none of them. */
export async function stillPicture(app: Pick<App, 'still'>, url: URL): Promise<Reply | null> {
  const match = /^\/still\/(event|detection)\/([^/]{1,300})$/.exec(url.pathname);
  if (match === null) return null;
  const kind = match[1] === 'event' ? 'event' : 'detection';
  const width = stillWidths.find((allowed) => String(allowed) === url.searchParams.get('w'));
  if (width === undefined) {
    return errorReply({ kind: 'bad-input', message: `The width w must be one of ${stillWidths.join(', ')}.` });
  }
  try {
    const still = await app.still(kind, decodeURIComponent(match[2] ?? ''), width);
    if (still === null) {
      return errorReply({ kind: 'not-found', message: 'This picture is no longer there.', where: url.pathname });
    }
    return {
      status: 200,
      headers: {
        'content-type': 'image/jpeg',
        'content-length': String(still.jpeg.byteLength),
        // Not longer: another data folder may be served on the same port next, with its own event 1.
        'cache-control': still.immutable ? 'private, max-age=600' : 'no-store',
      },
      body: still.jpeg,
    };
  } catch (caught) {
    if (caught instanceof URIError) return errorReply({ kind: 'bad-input', message: 'The address is malformed.' });
    return errorReply(toErrorValue(caught));
  }
}
