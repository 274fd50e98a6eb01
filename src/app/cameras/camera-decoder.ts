import type { Camera } from '../../shared/domain/camera.ts';
import { hardwareNames, type DecoderInUse } from '../../shared/domain/decoding.ts';
import type { DecodeOrder } from '../../shared/engine/decoding.ts';
import type { DecoderKeeper } from '../engine-host/decoder-keeper.ts';
import type { NoticeBoard } from '../notices/notice-board.ts';
import type { Log } from '../ports.ts';

export interface CameraDecoderDeps {
  /** Left out: the processor decodes everything. */
  readonly decoders?: Pick<DecoderKeeper, 'settle' | 'orderFor' | 'hung'> | undefined;
  readonly notices: Pick<NoticeBoard, 'raise' | 'clear'>;
  readonly log: Log;
}

/** What decodes one camera, over its connections: what is asked of the engine, and what operators are told of it. */
export class CameraDecoder {
  readonly #camera: Pick<Camera, 'id' | 'name' | 'hardwareDecode'>;
  readonly #deps: CameraDecoderDeps;
  /** Of the connection that is open, or being opened; null: none is. */
  #order: DecodeOrder | null = null;
  #isOpen = false;
  #inUse: DecoderInUse | null = null;
  /** Why the next connection goes without hardware, in words; null: it need not. */
  #doubt: string | null = null;
  /** There may be a notice, from an earlier start too. */
  #isNoticed = true;

  constructor(camera: Pick<Camera, 'id' | 'name' | 'hardwareDecode'>, deps: CameraDecoderDeps) {
    this.#camera = camera;
    this.#deps = deps;
  }

  /** Null: it is known what may decode it; else resolves once it is. */
  settle(): Promise<void> | null {
    return this.#camera.hardwareDecode === 'off' ? null : (this.#deps.decoders?.settle() ?? null);
  }

  /** It is opened now, by this. */
  asked(): { readonly decode?: DecodeOrder } {
    const { decoders } = this.#deps;
    this.#isOpen = false;
    this.#inUse = null;
    this.#order = null;
    if (decoders === undefined) return {};
    const order = decoders.orderFor(this.#camera.hardwareDecode);
    const doubt = order.devices.length === 0 ? null : this.#doubt;
    this.#doubt = null;
    this.#order = doubt === null ? order : { devices: [], why: doubt };
    return { decode: this.#order };
  }

  /** The camera is open. @param inUse null: hardware is asked, and no picture has come yet */
  is(inUse: DecoderInUse | null): void {
    this.#isOpen = true;
    this.#inUse = inUse;
    if (inUse === null) return;
    const { decoders, notices, log } = this.#deps;
    const { name } = this.#camera;
    if (inUse.kind !== 'software' || inUse.hardware === 'not-asked') {
      this.#clearNotice();
      return;
    }
    this.#isNoticed = true;
    log.warn('hardware does not decode a camera', { camera: name, why: inUse.why });
    void notices.raise('warning', this.#topic, `${name} is decoded by the processor: ${inUse.why}.`);
    if (inUse.hardware === 'hung') decoders?.hung(inUse.why);
  }

  /** A connection that showed nothing by hardware may have shown nothing because of it. */
  closed(): void {
    if (this.hardware === 'beginning') {
      const names = [...new Set(this.#order?.devices.map(({ hardware }) => hardwareNames[hardware]))].join(' or ');
      this.#doubt = `${names} gave no picture in the connection before`;
    }
    this.#order = null;
    this.#isOpen = false;
    this.#inUse = null;
  }

  /** It is switched off. */
  end(): void {
    this.closed();
    this.#clearNotice();
  }

  /** `beginning`: the camera is open, and hardware has not shown its first picture. A camera that is still called counts as working. */
  get hardware(): 'beginning' | 'working' | null {
    if (this.#inUse !== null) return this.#inUse.kind === 'hardware' ? 'working' : null;
    if (this.#order === null || this.#order.devices.length === 0) return null;
    return this.#isOpen ? 'beginning' : 'working';
  }

  #clearNotice(): void {
    if (this.#isNoticed) void this.#deps.notices.clear(this.#topic);
    this.#isNoticed = false;
  }

  get #topic(): string {
    return `camera-decoder:${this.#camera.id}`;
  }
}
