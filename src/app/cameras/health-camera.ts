import { driftOf } from '../../core/analytics/health-drift.ts';
import type { Normal } from '../../core/analytics/health-normal.ts';
import { byHourOfDay, merged, normalOf, ProfileSum } from '../../core/analytics/health-profile.ts';
import { HealthWatch, type HeldTrouble } from '../../core/analytics/health-watch.ts';
import type { AcceptedHour, CameraDrift, HourProfile, PictureFigures } from '../../shared/domain/camera-health.ts';
import type { TrackedDetection } from '../../shared/domain/detection.ts';
import type { MeasuredPicture } from '../../shared/engine/protocol.ts';
import { driftWords } from './health-words.ts';

const hourLengthMs = 3_600_000;
/** What a camera shows within so long after it was accepted is its normal. */
export const acceptedWeekMs = 7 * 24 * hourLengthMs;
/** An object that stays is one sighting in this time, so that a parked car does not outweigh a night of passers-by. */
const sightingMs = 60_000;
const mostTracks = 500;

export const hourStart = (epochMs: number): number => Math.floor(epochMs / hourLengthMs) * hourLengthMs;
export const hourOfDay = (epochMs: number): number => new Date(epochMs).getHours();

/** One camera's view: what was accepted of it, what it shows in this hour, and whether that is well. */
export class HealthOfCamera {
  readonly #watch = new HealthWatch();
  /** When each track was last counted. */
  readonly #sightings = new Map<number, number>();
  #acceptedMs: number;
  /** The hours of the accepted week. */
  #week: readonly HourProfile[];
  #byHour: readonly (HourProfile | null)[] = [];
  #normals: readonly (Normal | null)[] = [];
  /** What this hour's row has from before this process. */
  #before: HourProfile | null;
  #sum: ProfileSum;
  #latest: { readonly figures: PictureFigures; readonly atMs: number } | null = null;
  #drift: CameraDrift | null = null;

  /** `week` and `thisHour`: what the store has. */
  constructor(
    acceptedMs: number,
    nowMs: number,
    stored: { readonly week: readonly HourProfile[]; readonly thisHour: HourProfile | null },
  ) {
    this.#acceptedMs = acceptedMs;
    this.#week = stored.week;
    this.#before = stored.thisHour;
    this.#sum = new ProfileSum(hourStart(nowMs));
    this.#learn();
  }

  get trouble(): HeldTrouble | null {
    return this.#watch.trouble;
  }

  get drift(): CameraDrift | null {
    return this.#drift;
  }

  get latest(): { readonly figures: PictureFigures; readonly atMs: number } | null {
    return this.#latest;
  }

  get acceptedMs(): number {
    return this.#acceptedMs;
  }

  get learntAtMs(): number {
    return this.#acceptedMs + acceptedWeekMs;
  }

  get acceptedHours(): readonly AcceptedHour[] {
    return this.#byHour.flatMap((profile, hour) => {
      if (profile === null) return [];
      const { samples, brightness, sharpness, motion } = profile;
      return [{ hour, samples, brightness, sharpness, motion }];
    });
  }

  /** This hour so far; null: nothing of it was well. */
  get profile(): HourProfile | null {
    const now = this.#sum.profile;
    return merged([this.#before, now].filter((profile) => profile !== null));
  }

  /** Answers the hour that is over with this picture, if one is. */
  look({ capturedAtMs, figures }: MeasuredPicture): HourProfile | null {
    const over = hourStart(capturedAtMs) === this.#sum.hourMs ? null : this.#turn(hourStart(capturedAtMs));
    this.#latest = { figures, atMs: capturedAtMs };
    const when = { atMs: capturedAtMs, hour: hourOfDay(capturedAtMs) };
    const well = this.#watch.look(figures, when, this.#normals);
    if (well !== null) this.#sum.picture(figures, well.layoutFit);
    return over;
  }

  /** What was found in a picture. */
  found(atMs: number, detections: readonly TrackedDetection[]): void {
    if (this.trouble !== null) return;
    for (const { trackId, label, score } of detections) {
      if (trackId === null) continue;
      const lastMs = this.#sightings.get(trackId);
      if (lastMs !== undefined && Math.abs(atMs - lastMs) < sightingMs) continue;
      this.#sightings.delete(trackId);
      this.#sightings.set(trackId, atMs);
      this.#sum.sighting(label, score);
    }
    for (const oldest of this.#sightings.keys()) {
      if (this.#sightings.size <= mostTracks) return;
      this.#sightings.delete(oldest);
    }
  }

  /** Nothing has come from it for a while. */
  silent(): void {
    this.#watch.pause();
  }

  /** What it shows from now on is normal. */
  accept(acceptedMs: number): void {
    this.#acceptedMs = acceptedMs;
    this.#week = [];
    this.#before = null;
    this.#sum = new ProfileSum(hourStart(acceptedMs));
    this.#drift = null;
    this.#watch.accept();
    this.#learn();
  }

  /** @param newest hours of the last week that came after the accepted one. */
  compare(newest: readonly HourProfile[], nowMs: number): void {
    const changed = driftOf(this.#byHour, byHourOfDay(newest, hourOfDay), newest.length);
    const first = newest[0];
    const last = newest[newest.length - 1];
    this.#drift =
      changed.length === 0 || first === undefined || last === undefined
        ? null
        : {
            sinceMs: this.#drift?.sinceMs ?? nowMs,
            fromMs: first.hourMs,
            toMs: last.hourMs + hourLengthMs,
            changed,
            says: driftWords(changed),
          };
  }

  #turn(hourMs: number): HourProfile | null {
    const over = this.profile;
    if (over !== null && over.hourMs >= hourStart(this.#acceptedMs) && over.hourMs < this.learntAtMs) {
      this.#week = [...this.#week.filter((profile) => profile.hourMs !== over.hourMs), over];
      this.#learn();
    }
    this.#before = null;
    this.#sum = new ProfileSum(hourMs);
    return over;
  }

  #learn(): void {
    this.#byHour = byHourOfDay(this.#week, hourOfDay);
    this.#normals = this.#byHour.map(normalOf);
  }
}
