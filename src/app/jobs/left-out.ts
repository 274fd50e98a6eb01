/** So many are remembered, and so many are told in one sentence; the log has all of them. */
const mostRemembered = 5;

/** What a run could not look at although it was asked to: it is never left out silently. */
export class LeftOut {
  readonly #first: string[] = [];
  #count = 0;

  add(sentence: string): void {
    this.#count += 1;
    if (this.#first.length < mostRemembered) this.#first.push(sentence);
  }

  /** Null: nothing. */
  get text(): string | null {
    if (this.#count === 0) return null;
    const more = this.#count - this.#first.length;
    const all = more === 0 ? this.#first : [...this.#first, `and ${String(more)} more, see the log`];
    return `Not everything was looked at: ${all.join('; ')}.`;
  }
}
