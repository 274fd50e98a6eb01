import type { Codec } from 'node-av/lib';
import { chooseDecoder } from '../../../core/decoding/choose-decoder.ts';
import { hardwareNames, type DecoderInUse } from '../../../shared/domain/decoding.ts';
import type { DecodeOrder, HardwareOffer } from '../../../shared/engine/decoding.ts';
import { machineHardware, type DeviceDecoder, type HardwareDevice, type HardwareSystem } from './hardware-device.ts';

/**
 * One connection's use of hardware decoders, through all loops of a file and all tries to open a camera. What was given up
 * stays given up until the camera is connected anew.
 */
export class HardwareUse {
  readonly #order: DecodeOrder;
  readonly #system: HardwareSystem;
  #opened: { readonly offer: HardwareOffer; readonly device: HardwareDevice } | null = null;
  #inUse: DecoderInUse | null = null;

  constructor(order: DecodeOrder, system: HardwareSystem = machineHardware) {
    this.#order = order;
    this.#system = system;
  }

  /** Another object whenever it is another one; null: hardware is asked, and has not shown its first picture. */
  get inUse(): DecoderInUse | null {
    return this.#inUse;
  }

  /** The device's decoder, or null where the processor has to do it. @param processors its decoder of the stream */
  decoderOf(processors: Codec): DeviceDecoder | null {
    if (this.#inUse?.kind === 'software' && this.#inUse.hardware !== 'not-asked') return null;
    const codec = processors.name ?? 'this codec';
    const choice = chooseDecoder(codec, this.#order);
    if ('why' in choice) {
      this.#inUse = { kind: 'software', why: choice.why, hardware: 'not-asked' };
      return null;
    }
    const offer = choice.device;
    try {
      const decoder = this.#deviceOf(offer).decoderOf(processors);
      if (decoder !== null) return decoder;
      this.#failed(offer, `has no decoder for ${codec}`);
    } catch (fault) {
      this.#failed(offer, fault instanceof Error ? fault.message : String(fault));
    }
    return null;
  }

  /** A picture came out of it. */
  works(): void {
    if (this.#inUse?.kind === 'hardware' || this.#opened === null) return;
    this.#inUse = { kind: 'hardware', hardware: this.#opened.offer.hardware };
  }

  /** @param why in words that follow the device's name */
  giveUp(why: string): void {
    if (this.#opened !== null) this.#failed(this.#opened.offer, why);
  }

  close(): void {
    this.#opened?.device.close();
    this.#opened = null;
  }

  #deviceOf(offer: HardwareOffer): HardwareDevice {
    if (this.#opened !== null && this.#opened.offer !== offer) this.close();
    this.#opened ??= { offer, device: this.#system.open(offer.hardware, offer.path) };
    return this.#opened.device;
  }

  #failed({ hardware }: HardwareOffer, why: string): void {
    this.#inUse = { kind: 'software', why: `${hardwareNames[hardware]} ${why}`, hardware: 'failed' };
    this.close();
  }
}
