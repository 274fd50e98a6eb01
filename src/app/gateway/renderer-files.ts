import { realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { parseRange } from './byte-range.ts';
import type { Reply } from './reply.ts';
import { errorReply } from './reply.ts';

/** What a renderer build contains. Anything else is not served. */
const types = new Map([
  ['.html', 'text/html; charset=utf-8'],
  ['.js', 'text/javascript; charset=utf-8'],
  ['.css', 'text/css; charset=utf-8'],
  ['.json', 'application/json; charset=utf-8'],
  ['.svg', 'image/svg+xml'],
  ['.png', 'image/png'],
  ['.jpg', 'image/jpeg'],
  ['.webp', 'image/webp'],
  ['.ico', 'image/x-icon'],
  ['.woff2', 'font/woff2'],
  ['.wasm', 'application/wasm'],
  ['.txt', 'text/plain; charset=utf-8'],
]);

/**
 * A file of the renderer build in `root`; `/` is its index.html. The path counts after every link is followed, so
 * neither `..` in any spelling nor a link leads out of `root`. Answers single ranges.
 */
export async function rendererFile(root: string, pathname: string, range: string | null): Promise<Reply> {
  const found = await locate(root, pathname);
  if (found === null) return errorReply({ kind: 'not-found', message: 'There is no such page.', where: pathname });
  const headers = {
    'content-type': found.type,
    'accept-ranges': 'bytes',
    // Names under assets/ carry a hash of their content.
    'cache-control': pathname.startsWith('/assets/') ? 'private, max-age=31536000, immutable' : 'no-cache',
  };
  const { file, size } = found;
  const part = parseRange(range, size);
  if (part === 'unsatisfiable') {
    return { status: 416, headers: { ...headers, 'content-range': `bytes */${String(size)}` }, body: null };
  }
  if (part === 'whole') {
    return {
      status: 200,
      headers: { ...headers, 'content-length': String(size) },
      body: { file, start: 0, end: size - 1 },
    };
  }
  return {
    status: 206,
    headers: {
      ...headers,
      'content-length': String(part.end - part.start + 1),
      'content-range': `bytes ${String(part.start)}-${String(part.end)}/${String(size)}`,
    },
    body: { file, ...part },
  };
}

async function locate(root: string, pathname: string): Promise<{ file: string; size: number; type: string } | null> {
  let wanted: string;
  try {
    wanted = decodeURIComponent(pathname === '/' ? '/index.html' : pathname);
  } catch {
    return null;
  }
  const type = types.get(path.extname(wanted).toLowerCase());
  if (type === undefined || wanted.includes('\0')) return null;
  try {
    const realRoot = await realpath(root);
    const file = await realpath(path.join(realRoot, wanted));
    if (!file.startsWith(realRoot + path.sep)) return null;
    const found = await stat(file);
    return found.isFile() ? { file, size: found.size, type } : null;
  } catch {
    return null;
  }
}
