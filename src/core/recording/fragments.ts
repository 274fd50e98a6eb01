/** Reads so many bytes from the offset, fewer at the end of the file. */
export type ReadBytes = (offset: number, length: number) => Uint8Array;

/** What of a fragmented MP4 file can be played. */
export interface PlayableExtent {
  /** Up to the end of the last whole fragment; 0: there is none. */
  readonly bytes: number;
  /** From its first sample to the end of its last whole fragment. */
  readonly durationMs: number;
}

/** Header boxes of a one-track file are a few hundred bytes; a box of this size is not one of ours. */
const largestIndexBytes = 4 * 1024 * 1024;
const nothing: PlayableExtent = { bytes: 0, durationMs: 0 };

/**
 * How far a file that nobody closed can be played (ISO/IEC 14496-12: moov, then moof and mdat by turns). Looks at box
 * headers only, not at pictures. A file that is cut off in its last fragment ends with the one before it.
 */
export function playableExtent(fileBytes: number, read: ReadBytes): PlayableExtent {
  let timescale = 0;
  let firstTicks: number | null = null;
  let fragmentEndTicks: number | null = null;
  let playable = nothing;
  for (let offset = 0; ;) {
    const box = boxAt(offset, fileBytes, read);
    if (box === null) return playable;
    if (box.type === 'moov') {
      if (box.bodyBytes > largestIndexBytes) return playable;
      timescale = timescaleOf(read(box.bodyAt, box.bodyBytes)) ?? 0;
    } else if (box.type === 'moof') {
      if (box.bodyBytes > largestIndexBytes) return playable;
      const span = spanOf(read(box.bodyAt, box.bodyBytes));
      if (span === null) return playable;
      firstTicks ??= span.start;
      fragmentEndTicks = span.end;
    } else if (box.type === 'mdat' && fragmentEndTicks !== null && timescale > 0) {
      playable = { bytes: box.end, durationMs: ((fragmentEndTicks - (firstTicks ?? 0)) * 1000) / timescale };
      fragmentEndTicks = null;
    } else if (box.type === 'mfra') {
      return { ...playable, bytes: box.end };
    }
    offset = box.end;
  }
}

interface BoxPlace {
  readonly type: string;
  readonly bodyAt: number;
  readonly bodyBytes: number;
  readonly end: number;
}

function boxAt(offset: number, limit: number, read: ReadBytes): BoxPlace | null {
  const head = read(offset, 16);
  if (head.byteLength < 8) return null;
  const view = viewOf(head);
  const type = String.fromCharCode(...head.subarray(4, 8));
  const short = view.getUint32(0);
  if (short === 1 && head.byteLength < 16) return null;
  const headBytes = short === 1 ? 16 : 8;
  const bytes = short === 1 ? Number(view.getBigUint64(8)) : short;
  if (bytes < headBytes || offset + bytes > limit) return null;
  return { type, bodyAt: offset + headBytes, bodyBytes: bytes - headBytes, end: offset + bytes };
}

/** The bodies of the boxes of a type that lie directly inside another's body. */
function inside(body: Uint8Array, type: string): Uint8Array[] {
  const found: Uint8Array[] = [];
  const read: ReadBytes = (offset, length) => body.subarray(offset, offset + length);
  for (let offset = 0; ;) {
    const box = boxAt(offset, body.byteLength, read);
    if (box === null) return found;
    if (box.type === type) found.push(body.subarray(box.bodyAt, box.end));
    offset = box.end;
  }
}

const first = (body: Uint8Array | undefined, type: string): Uint8Array | undefined =>
  body === undefined ? undefined : inside(body, type)[0];

function timescaleOf(moov: Uint8Array): number | null {
  const header = first(first(first(moov, 'trak'), 'mdia'), 'mdhd');
  if (header === undefined) return null;
  const at = header[0] === 1 ? 20 : 12;
  return header.byteLength < at + 4 ? null : viewOf(header).getUint32(at);
}

/** First and last moment of a fragment's samples, in ticks of the track; null where the fragment does not say. */
function spanOf(moof: Uint8Array): { start: number; end: number } | null {
  const track = first(moof, 'traf');
  const time = first(track, 'tfdt');
  const header = first(track, 'tfhd');
  if (track === undefined || time === undefined || header === undefined || time.byteLength < 8) return null;
  const start = time[0] === 1 ? Number(viewOf(time).getBigUint64(4)) : viewOf(time).getUint32(4);
  const usual = usualDuration(header);
  let end = start;
  for (const run of inside(track, 'trun')) end += ticksOf(run, usual);
  return { start, end };
}

const flagsOf = (box: Uint8Array): number => viewOf(box).getUint32(0) & 0xff_ff_ff;

/** default_sample_duration of a tfhd, which stands behind the fields that its flags announce. */
function usualDuration(header: Uint8Array): number {
  const flags = flagsOf(header);
  if ((flags & 0x8) === 0) return 0;
  const at = 8 + ((flags & 0x1) === 0 ? 0 : 8) + ((flags & 0x2) === 0 ? 0 : 4);
  return header.byteLength < at + 4 ? 0 : viewOf(header).getUint32(at);
}

function ticksOf(run: Uint8Array, usual: number): number {
  const flags = flagsOf(run);
  const view = viewOf(run);
  const samples = view.getUint32(4);
  if ((flags & 0x100) === 0) return samples * usual;
  const stride = [0x100, 0x200, 0x400, 0x800].filter((field) => (flags & field) !== 0).length * 4;
  let at = 8 + ((flags & 0x1) === 0 ? 0 : 4) + ((flags & 0x4) === 0 ? 0 : 4);
  let ticks = 0;
  for (let sample = 0; sample < samples && at + 4 <= run.byteLength; sample++, at += stride)
    ticks += view.getUint32(at);
  return ticks;
}

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
