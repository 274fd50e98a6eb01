const dollar = 0x24;
/** Ticks of RTP's video clock in a millisecond. */
const ticksPerMs = 90;

/**
 * Changes the time stamps of RTP packets that come interleaved with RTSP answers on one TCP connection (RFC 2326,
 * section 10.12). Takes the stream in any pieces and gives it in whole frames.
 */
export class InterleavedRewriter {
  #rest: Buffer = Buffer.alloc(0);
  #constant: number | null = null;

  rewrite(data: Buffer, jumpMs: number | 'constant'): Buffer {
    const all = Buffer.concat([this.#rest, data]);
    let at = 0;
    for (;;) {
      const end = all[at] === dollar ? frameEnd(all, at) : textEnd(all, at);
      if (end === null) break;
      if (all[at] === dollar) this.#stamp(all, at, jumpMs);
      at = end;
    }
    this.#rest = all.subarray(at);
    return all.subarray(0, at);
  }

  #stamp(all: Buffer, at: number, jumpMs: number | 'constant'): void {
    // Odd channels are RTCP.
    if ((all[at + 1] ?? 0) % 2 === 1) return;
    const place = at + 4 + 4;
    const stamp = all.readUInt32BE(place);
    if (jumpMs === 'constant') this.#constant ??= stamp;
    else this.#constant = null;
    const moved = this.#constant ?? stamp + (jumpMs === 'constant' ? 0 : jumpMs * ticksPerMs);
    all.writeUInt32BE(moved >>> 0, place);
  }
}

function frameEnd(all: Buffer, at: number): number | null {
  if (all.byteLength < at + 4) return null;
  const end = at + 4 + all.readUInt16BE(at + 2);
  return end <= all.byteLength ? end : null;
}

/** An RTSP message: its head, and as many bytes after it as it says. */
function textEnd(all: Buffer, at: number): number | null {
  const head = all.indexOf('\r\n\r\n', at);
  if (head < 0) return null;
  const length = /content-length: *(\d+)/i.exec(all.subarray(at, head).toString('latin1'))?.[1];
  const end = head + 4 + Number(length ?? 0);
  return end <= all.byteLength ? end : null;
}
