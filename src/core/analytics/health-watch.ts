import { pictureTroubles, type PictureFigures, type PictureTrouble } from '../../shared/domain/camera-health.ts';
import { isDefocused, viewTrouble, type Normal } from './health-normal.ts';
import { RecentNormal } from './recent-normal.ts';

/** Something has to be wrong for so long; what drives past is gone by then. */
const raiseMs = 30_000;
/** Pictures that are well take suspicion away so much faster than others bring it. */
const relief = 2;
/** A picture stands for the time since the one before it, but for no longer than this. */
const longestStepMs = 12_000;
/** What a vote for a kind of trouble is worth after the next picture. */
const fading = 0.9;
/** By so much worse than a camera's own pictures another layout fits: turned by about a tenth of the picture. */
const layoutLoss = 0.3;
/** The first night of a camera, when infrared light comes on and nobody knows yet what that looks like: a fifth. */
const layoutLossUnlearnt = 0.45;

export interface HeldTrouble {
  readonly kind: PictureTrouble;
  /** When the first picture showed it. */
  readonly sinceMs: number;
}

/**
 * Whether one camera still sees what it should. Each picture is held against what was accepted at this hour of the day and
 * the hours beside it, and against the camera's own last minutes: dusk is followed by the latter, the light that goes out
 * every evening at six is known to the former. Only a picture that fits none of them is suspicious, and only suspicion that
 * lasts becomes trouble.
 */
export class HealthWatch {
  readonly #recent = new RecentNormal();
  readonly #votes = new Map<PictureTrouble, number>();
  #suspicionMs = 0;
  #sinceMs = 0;
  #lastMs: number | null = null;
  #trouble: HeldTrouble | null = null;

  get trouble(): HeldTrouble | null {
    return this.#trouble;
  }

  /**
   * @param accepted by hour of the day; null or left out: that hour is not learnt yet.
   * @returns how well the picture fits those before it, −1..1; null: it is suspicious and must not be learnt from.
   */
  look(
    figures: PictureFigures,
    { atMs, hour }: { readonly atMs: number; readonly hour: number },
    accepted: readonly (Normal | null)[],
  ): { readonly layoutFit: number } | null {
    const stepMs = this.#lastMs === null ? 0 : Math.max(0, Math.min(longestStepMs, atMs - this.#lastMs));
    this.#lastMs = atMs;
    const suspect = this.#suspect(figures, hour, accepted);
    this.#weigh(suspect, stepMs, atMs);
    if (suspect !== null || this.#trouble !== null) return null;
    return { layoutFit: this.#recent.learn(figures, stepMs) };
  }

  /** Nothing comes from it any more: what was suspected is open again, what is normal stays. */
  pause(): void {
    this.#suspicionMs = 0;
    this.#votes.clear();
    this.#trouble = null;
    this.#lastMs = null;
  }

  /** Whatever it shows from now on is normal. */
  accept(): void {
    this.pause();
    this.#recent.forget();
  }

  #suspect(figures: PictureFigures, hour: number, accepted: readonly (Normal | null)[]): PictureTrouble | null {
    const recent = this.#recent.normal;
    // As long as the last minutes are not known, any hour will do: a dark evening in winter was noon in summer.
    const known = accepted.flatMap((normal, at) =>
      normal !== null && (recent === null || hoursApart(at, hour) <= 1) ? [normal] : [],
    );
    const expected = recent === null ? known : [recent, ...known];
    const loss = known.length > 0 ? layoutLoss : layoutLossUnlearnt;
    let first: PictureTrouble | null = null;
    for (const normal of expected) {
      const trouble = viewTrouble(figures, normal, loss);
      if (trouble === null) return this.#focus(figures, known, expected);
      first ??= trouble;
    }
    return first;
  }

  /** A lens that fogs over for a day would be followed: once it is known what was accepted, only that tells of focus. */
  #focus(figures: PictureFigures, known: readonly Normal[], expected: readonly Normal[]): PictureTrouble | null {
    const focused = known.filter(({ sharpness }) => sharpness !== null);
    const judges = focused.length > 0 ? focused : expected;
    return judges.every((normal) => isDefocused(figures, normal)) ? 'defocused' : null;
  }

  #weigh(suspect: PictureTrouble | null, stepMs: number, atMs: number): void {
    for (const [kind, votes] of this.#votes) this.#votes.set(kind, votes * fading);
    if (suspect === null) {
      this.#suspicionMs = Math.max(0, this.#suspicionMs - relief * stepMs);
      if (this.#suspicionMs > 0) return;
      this.#votes.clear();
      this.#trouble = null;
      return;
    }
    if (this.#votes.size === 0) this.#sinceMs = atMs;
    this.#votes.set(suspect, (this.#votes.get(suspect) ?? 0) + 1);
    this.#suspicionMs = Math.min(raiseMs, this.#suspicionMs + stepMs);
    if (this.#suspicionMs >= raiseMs) this.#trouble = { kind: this.#likeliest(suspect), sinceMs: this.#sinceMs };
  }

  #likeliest(newest: PictureTrouble): PictureTrouble {
    const votesOf = (kind: PictureTrouble): number => this.#votes.get(kind) ?? 0;
    return pictureTroubles.reduce((best, kind) => (votesOf(kind) > votesOf(best) ? kind : best), newest);
  }
}

function hoursApart(a: number, b: number): number {
  const apart = Math.abs(a - b);
  return Math.min(apart, 24 - apart);
}
