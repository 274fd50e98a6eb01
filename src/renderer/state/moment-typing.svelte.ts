import { parseMoment, type MomentTrouble } from './typed-moment.ts';

/** What a field says of the moment that stands in it. */
export type MomentSays =
  { readonly kind: 'means'; readonly atMs: number } | { readonly kind: 'refused'; readonly trouble: MomentTrouble };

/**
 * A moment while it is typed. What it means is said at once, why it is none only once somebody wants to use it: half of a
 * moment is no mistake.
 */
export class MomentTyping {
  readonly #nowMs: () => number;
  #text = $state('');
  #isTyped = $state(false);
  #isRefused = $state(false);

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  get text(): string {
    return this.#text;
  }

  /** Somebody types. */
  set text(text: string) {
    this.#text = text;
    this.#isTyped = true;
    this.#isRefused = false;
  }

  get isRefused(): boolean {
    return this.#isRefused;
  }

  /** Null: nothing, because nothing was typed, or it was used and stands for itself. */
  get says(): MomentSays | null {
    if (!this.#isTyped) return null;
    const moment = parseMoment(this.#text, this.#nowMs());
    if (moment.ok) return { kind: 'means', atMs: moment.atMs };
    return this.#isRefused ? { kind: 'refused', trouble: moment.trouble } : null;
  }

  /** Nobody typed this. */
  show(text: string): void {
    this.#text = text;
    this.#isTyped = false;
    this.#isRefused = false;
  }

  /** The moment, for use; null: it is none, and from now on `says` why. */
  take(): number | null {
    const moment = parseMoment(this.#text, this.#nowMs());
    this.#isRefused = !moment.ok;
    this.#isTyped = !moment.ok;
    return moment.ok ? moment.atMs : null;
  }
}
