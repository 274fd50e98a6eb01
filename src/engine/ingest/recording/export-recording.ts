import { AVMEDIA_TYPE_VIDEO, AVSEEK_FLAG_BACKWARD } from 'node-av/constants';
import { Dictionary, FormatContext, Packet, type Stream } from 'node-av/lib';
import type { ExportedRecording, RecordingPiece } from '../../../shared/engine/protocol.ts';
import { fileReadFault } from '../file-faults.ts';
import { MediaFault, systemFault } from '../media-fault.ts';
import { codecOf, sameCodec } from './packet-facts.ts';
import { WriteFault } from './segment-file.ts';

/** Pieces that meet within this are one stretch. */
const meetsMs = 1_500;

export interface ExportOrder {
  /** In order of time. */
  readonly pieces: readonly RecordingPiece[];
  readonly fromMs: number;
  readonly toMs: number;
  readonly target: string;
}

/**
 * Copies the packets of recorded files into one MP4 file that begins with its index. Nothing is decoded, so a cut lies
 * at the last keyframe before the wanted moment. Stretches without footage are left out: the answer says what is in it.
 * @param isGivenUp asked packet by packet: nobody waits for it any more.
 * @throws MediaFault
 */
export function exportRecording(order: ExportOrder, isGivenUp: () => boolean = () => false): ExportedRecording {
  const joined = new JoinedFile(order.target, isGivenUp);
  try {
    for (const piece of order.pieces) joined.add(piece, order.fromMs, order.toMs);
    return joined.finish();
  } catch (caught) {
    if (caught instanceof WriteFault) throw new MediaFault('unreadable', `The export stopped: ${caught.message}.`);
    throw caught;
  } finally {
    joined.close();
  }
}

class JoinedFile {
  readonly #target: string;
  readonly #packet = new Packet();
  readonly #ranges: { fromMs: number; toMs: number }[] = [];
  #output: {
    readonly format: FormatContext;
    readonly stream: Stream;
    readonly codec: ReturnType<typeof codecOf>;
  } | null = null;
  /** Where the next packet goes, in milliseconds of the new file. */
  #atMs = 0;
  readonly #isGivenUp: () => boolean;

  constructor(target: string, isGivenUp: () => boolean) {
    this.#target = target;
    this.#isGivenUp = isGivenUp;
    this.#packet.alloc();
  }

  add(piece: RecordingPiece, fromMs: number, toMs: number): void {
    const input = new FormatContext();
    const options = Dictionary.fromObject({ protocol_whitelist: 'file', format_whitelist: 'mov,mp4,m4a,3gp,3g2,mj2' });
    const opened = input.openInputSync(`file:${piece.path}`, null, options);
    if (opened < 0) throw fileReadFault(opened);
    try {
      const probed = input.findStreamInfoSync(null);
      if (probed < 0) throw fileReadFault(probed);
      const stream = input.streams[0];
      if (stream === undefined) return;
      this.#begin(stream, piece);
      this.#copy(input, stream, piece, fromMs, toMs);
    } finally {
      input.closeInputSync();
    }
  }

  finish(): ExportedRecording {
    if (this.#output === null || this.#ranges.length === 0) {
      throw new MediaFault('missing', 'Nothing was recorded in this stretch.');
    }
    check(this.#output.format.writeTrailerSync());
    return { ranges: this.#ranges, durationMs: Math.round(this.#atMs) };
  }

  close(): void {
    this.#packet.free();
    this.#output?.format.closeOutputSync();
    this.#output?.format.freeContext();
    this.#output = null;
  }

  #begin(from: Stream, piece: RecordingPiece): void {
    const codec = codecOf(from);
    if (this.#output !== null) {
      if (sameCodec(codec, this.#output.codec)) return;
      throw new MediaFault(
        'unsupported',
        `The camera's picture changed at ${new Date(piece.startMs).toISOString()} (${codec.name} ${String(codec.width)} × ${String(codec.height)}): export up to there, and from there on.`,
      );
    }
    const format = new FormatContext();
    check(format.allocOutputContext2(null, 'mp4', `file:${this.#target}`));
    const stream = format.newStream();
    this.#output = { format, stream, codec };
    stream.timeBase = from.timeBase;
    check(from.codecpar.copy(stream.codecpar));
    stream.codecpar.codecType = AVMEDIA_TYPE_VIDEO;
    stream.codecpar.codecTag = 0;
    const made = format.openOutputSync();
    if (made < 0) throw new WriteFault('open', made);
    check(format.writeHeaderSync(Dictionary.fromObject({ movflags: 'faststart' })));
  }

  #copy(input: FormatContext, from: Stream, piece: RecordingPiece, fromMs: number, toMs: number): void {
    const output = this.#output;
    if (output === null) return;
    const tickMs = (1000 * from.timeBase.num) / from.timeBase.den;
    const firstKey = keyframeBefore(input, this.#packet, fromMs - piece.startMs, tickMs);
    let firstDtsMs: number | null = null;
    const startedAtMs = this.#atMs;
    let endMs = 0;
    for (;;) {
      const read = input.readFrameSync(this.#packet);
      if (read < 0) break;
      if (this.#isGivenUp()) throw new MediaFault('timed-out', 'The export was given up.');
      const dtsMs = Number(this.#packet.dts) * tickMs;
      if (dtsMs < firstKey) {
        this.#packet.unref();
        continue;
      }
      if (piece.startMs + dtsMs >= toMs) break;
      firstDtsMs ??= dtsMs;
      const shift = BigInt(Math.round((startedAtMs - firstDtsMs) / tickMs));
      this.#packet.dts += shift;
      this.#packet.pts += shift;
      endMs = dtsMs + Number(this.#packet.duration) * tickMs;
      this.#packet.rescaleTs(from.timeBase, output.stream.timeBase);
      this.#packet.streamIndex = 0;
      const written = output.format.writeFrameSync(this.#packet);
      this.#packet.unref();
      check(written);
    }
    this.#packet.unref();
    if (firstDtsMs === null) return;
    this.#atMs = startedAtMs + (endMs - firstDtsMs);
    this.#note(piece.startMs + firstDtsMs, Math.min(piece.startMs + endMs, piece.endMs));
  }

  #note(fromMs: number, toMs: number): void {
    const last = this.#ranges[this.#ranges.length - 1];
    if (last !== undefined && fromMs - last.toMs <= meetsMs) last.toMs = Math.round(toMs);
    else this.#ranges.push({ fromMs: Math.round(fromMs), toMs: Math.round(toMs) });
  }
}

/** Decoding time of the last keyframe at or before the moment, and the file's beginning again. */
function keyframeBefore(input: FormatContext, packet: Packet, atMs: number, tickMs: number): number {
  let found = -Infinity;
  if (atMs > 0) {
    while (input.readFrameSync(packet) >= 0) {
      const dtsMs = Number(packet.dts) * tickMs;
      const isKey = packet.isKeyframe;
      packet.unref();
      if (dtsMs > atMs) break;
      if (isKey) found = dtsMs;
    }
    if (input.seekFrameSync(0, 0n, AVSEEK_FLAG_BACKWARD) < 0) throw systemFault('EIO');
  }
  return found;
}

function check(code: number): void {
  if (code < 0) throw new WriteFault('packet', code);
}
