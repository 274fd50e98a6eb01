import type { StreamBatch, StreamConfig, StreamPacket } from '../../shared/contract/stream.ts';
import { DecodeBacklog } from './decode-backlog.ts';
import type { StreamRefusal } from './messages.ts';
import { StampBook, type Settled, type Stamped } from './stamp-book.ts';

/** The decoder is given so many at once; the others wait here, where they can still be left out. */
const mostInDecoder = 2;
/** A decoder that fails so often without a picture in between is not tried again. */
const mostFailures = 3;

export interface StreamPlayerOptions {
  /** The frame is the hearer's to close. */
  readonly onFrame: (stamped: Stamped<VideoFrame>) => void;
  readonly onRefused: (refusal: StreamRefusal) => void;
}

/** Decodes a camera's packets through WebCodecs and gives each frame its capture time. */
export class StreamPlayer {
  readonly #options: StreamPlayerOptions;
  readonly #backlog = new DecodeBacklog<StreamPacket>();
  readonly #stamps = new StampBook<VideoFrame>();
  #decoder: VideoDecoder | null = null;
  #config: StreamConfig | null = null;
  #failures = 0;
  #isRefused = false;

  constructor(options: StreamPlayerOptions) {
    this.#options = options;
  }

  /** Packets and frames that were not shown. */
  get leftOut(): number {
    return this.#backlog.leftOut + this.#stamps.lost;
  }

  add({ config, packets, stamps }: StreamBatch): void {
    if (this.#isRefused) return;
    if (config !== null && !isSame(config, this.#config)) {
      this.#config = config;
      this.#backlog.restart();
      void this.#open(config);
    }
    for (const packet of packets) this.#backlog.add(packet);
    for (const stamp of stamps) this.#take(this.#stamps.addStamp(stamp));
    this.#feed();
  }

  close(): void {
    this.#isRefused = true;
    this.#closeDecoder();
    for (const frame of this.#stamps.clear()) frame.close();
  }

  async #open(config: StreamConfig): Promise<void> {
    this.#closeDecoder();
    if (typeof VideoDecoder === 'undefined') {
      this.#refuse({ kind: 'no-decoder' });
      return;
    }
    const wanted: VideoDecoderConfig = {
      codec: config.codec,
      codedWidth: config.width,
      codedHeight: config.height,
      optimizeForLatency: true,
      ...(config.description === null ? {} : { description: config.description }),
    };
    const isSupported = await VideoDecoder.isConfigSupported(wanted).then(
      ({ supported }) => supported === true,
      () => false,
    );
    // Another one came meanwhile.
    if (this.#config !== config || this.#isRefused) return;
    if (!isSupported) {
      this.#refuse({ kind: 'codec' });
      return;
    }
    const decoder = new VideoDecoder({
      output: (frame) => {
        this.#failures = 0;
        this.#take(this.#stamps.addFrame(frame.timestamp, frame));
      },
      error: (error) => {
        this.#failed(error.message);
      },
    });
    decoder.addEventListener('dequeue', () => {
      this.#feed();
    });
    decoder.configure(wanted);
    this.#decoder = decoder;
    this.#feed();
  }

  #feed(): void {
    const decoder = this.#decoder;
    if (decoder === null) return;
    try {
      while (decoder.state === 'configured' && decoder.decodeQueueSize < mostInDecoder) {
        const packet = this.#backlog.next();
        if (packet === null) return;
        const { isKey, timestampUs, data } = packet;
        decoder.decode(new EncodedVideoChunk({ type: isKey ? 'key' : 'delta', timestamp: timestampUs, data }));
      }
    } catch (error) {
      // What a decoder does not accept it says by throwing, too.
      this.#failed(error instanceof Error ? error.message : String(error));
    }
  }

  #failed(message: string): void {
    this.#failures += 1;
    this.#closeDecoder();
    if (this.#failures >= mostFailures) {
      this.#refuse({ kind: 'failed', message });
      return;
    }
    this.#backlog.restart();
    if (this.#config !== null) void this.#open(this.#config);
  }

  #refuse(refusal: StreamRefusal): void {
    if (this.#isRefused) return;
    this.close();
    this.#options.onRefused(refusal);
  }

  #take({ ready, lost }: Settled<VideoFrame>): void {
    for (const frame of lost) frame.close();
    for (const stamped of ready) this.#options.onFrame(stamped);
  }

  #closeDecoder(): void {
    const decoder = this.#decoder;
    this.#decoder = null;
    if (decoder !== null && decoder.state !== 'closed') decoder.close();
  }
}

function isSame(a: StreamConfig, b: StreamConfig | null): boolean {
  if (b === null || a.codec !== b.codec || a.width !== b.width || a.height !== b.height) return false;
  if (a.description === null || b.description === null) return a.description === b.description;
  const other = b.description;
  return a.description.byteLength === other.byteLength && a.description.every((byte, index) => byte === other[index]);
}
