import { SvelteMap, SvelteSet } from 'svelte/reactivity';
import type { CameraLogin, CameraSettings } from '../../shared/domain/camera.ts';
import type { OnvifDevice, OnvifStream } from '../../shared/domain/onvif.ts';
import { proposedPair } from '../../shared/domain/stream-pair.ts';
import type { UsbCamera } from '../../shared/usb-address.ts';
import type { ErrorValue } from '../../shared/errors.ts';
import type { ApplicationState } from './application.svelte.ts';
import { CameraLook } from './camera-look.svelte.ts';

const waitMs = 3_000;
const isUsb = (address: string): boolean => address.startsWith('usb:');
const notTold = { codec: null, width: null, height: null, fps: null } as const;

export type Streams =
  | { readonly state: 'asking' }
  | { readonly state: 'failed'; readonly error: ErrorValue }
  | { readonly state: 'told'; readonly streams: readonly OnvifStream[] };

/** A USB camera stands among those that answered, with its address for theirs. */
const asDevice = ({ url, name }: UsbCamera): OnvifDevice => ({
  address: url,
  host: url.slice('usb:'.length),
  name,
  hardware: null,
});

/** Cameras that answered, those of them that were chosen, what they said, and what became of them. */
export class CameraDiscovery {
  readonly #app: ApplicationState;
  #devices = $state.raw<readonly OnvifDevice[] | null>(null);
  #error = $state.raw<ErrorValue | null>(null);
  #isAsking = $state(false);
  #missed = $state<string | null>(null);
  readonly chosen = new SvelteSet<string>();
  readonly added = new SvelteSet<string>();
  readonly #streams = new SvelteMap<string, Streams>();
  /** By device: the address of the stream that is to be used. */
  readonly #picked = new SvelteMap<string, string>();
  /** By device: that of its large stream; null: none is wanted. */
  readonly #pickedLarge = new SvelteMap<string, string | null>();
  readonly #looks = new SvelteMap<string, CameraLook>();
  readonly #refusals = new SvelteMap<string, ErrorValue>();

  constructor(app: ApplicationState) {
    this.#app = app;
  }

  /** Null: nobody was asked yet. */
  get devices(): readonly OnvifDevice[] | null {
    return this.#devices;
  }
  get error(): ErrorValue | null {
    return this.#error;
  }
  /** Why not everybody could be asked; null: everybody was. */
  get missed(): string | null {
    return this.#missed;
  }
  get isAsking(): boolean {
    return this.#isAsking;
  }

  streamsOf(address: string): Streams | null {
    return this.#streams.get(address) ?? null;
  }

  pickedOf(address: string): string | null {
    return this.#picked.get(address) ?? null;
  }

  pickedLargeOf(address: string): string | null {
    return this.#pickedLarge.get(address) ?? null;
  }

  lookOf(address: string): CameraLook | null {
    return this.#looks.get(address) ?? null;
  }

  refusalOf(address: string): ErrorValue | null {
    return this.#refusals.get(address) ?? null;
  }

  /** Chosen, asked, and not added yet. */
  get ready(): readonly OnvifDevice[] {
    return (this.#devices ?? []).filter(
      ({ address }) => this.chosen.has(address) && this.#picked.has(address) && !this.added.has(address),
    );
  }

  choose(address: string, isChosen: boolean): void {
    if (isChosen) this.chosen.add(address);
    else this.chosen.delete(address);
  }

  pick(address: string, url: string): void {
    this.#picked.set(address, url);
    if (this.#pickedLarge.get(address) === url) this.#pickedLarge.set(address, null);
    this.#looks.delete(address);
  }

  pickLarge(address: string, url: string | null): void {
    this.#pickedLarge.set(address, url);
    this.#looks.delete(address);
  }

  async discover(): Promise<void> {
    this.#isAsking = true;
    const answer = await this.#app.call('cameras.discover', { waitMs });
    this.#isAsking = false;
    this.#error = answer.ok ? null : answer.error;
    if (!answer.ok) return;
    const { devices, usb, missed } = answer.value;
    this.#missed = missed;
    this.#devices = [...usb.map(asDevice), ...devices];
    // They have no further streams to be asked for.
    for (const { url, name } of usb) {
      this.#streams.set(url, { state: 'told', streams: [{ url, name, ...notTold }] });
      this.#picked.set(url, url);
    }
    const addresses = this.#devices.map(({ address }) => address);
    for (const address of this.chosen) if (!addresses.includes(address)) this.chosen.delete(address);
  }

  /** Two at a time, as the engine looks. */
  async askStreams(login: CameraLogin | null): Promise<void> {
    const waiting = (this.#devices ?? []).filter(({ address }) => this.chosen.has(address));
    const ask = (address: string): Promise<void> =>
      isUsb(address) ? this.look(address, null) : this.#ask(address, login);
    const work = async (): Promise<void> => {
      for (let device = waiting.shift(); device !== undefined; device = waiting.shift()) {
        await ask(device.address);
      }
    };
    await Promise.all([work(), work()]);
  }

  async #ask(address: string, login: CameraLogin | null): Promise<void> {
    this.#streams.set(address, { state: 'asking' });
    const answer = await this.#app.call('cameras.onvifStreams', { address, login, allowLoopback: false });
    if (!answer.ok) {
      this.#streams.set(address, { state: 'failed', error: answer.error });
      return;
    }
    const { streams } = answer.value;
    this.#streams.set(address, { state: 'told', streams });
    const pair = proposedPair(streams);
    if (pair === null) return;
    this.pick(address, pair.small.url);
    this.pickLarge(address, pair.large?.url ?? null);
    await this.look(address, login);
  }

  async look(address: string, login: CameraLogin | null): Promise<void> {
    const url = this.#picked.get(address);
    if (url === undefined) return;
    const look = new CameraLook(this.#app);
    this.#looks.set(address, look);
    const largeUrl = this.pickedLargeOf(address);
    const other = largeUrl === null ? {} : { largeUrl };
    await look.at({ url, login, transport: 'auto', allowLoopback: false, ...other });
  }

  /** @returns how many were added */
  async add(settings: CameraSettings, login: CameraLogin | null): Promise<number> {
    let added = 0;
    for (const { address, host, name } of this.ready) {
      const url = this.#picked.get(address);
      if (url === undefined) continue;
      const answer = await this.#app.call('cameras.add', {
        ...settings,
        name: (name ?? host).slice(0, 60),
        url,
        largeUrl: this.pickedLargeOf(address),
        ...(login === null || isUsb(url) ? {} : { login }),
      });
      if (answer.ok) {
        this.added.add(address);
        this.#refusals.delete(address);
        added += 1;
      } else {
        this.#refusals.set(address, answer.error);
      }
    }
    return added;
  }
}
