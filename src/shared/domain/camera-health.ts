/** Cheap figures of one picture, about one a second of every live camera. */
export interface PictureFigures {
  /** Mean, 0 (black) to 255. */
  readonly brightness: number;
  /** From the darkest twentieth to the brightest one, 0..255: a picture that shows nothing has next to none. */
  readonly spread: number;
  /** Share of the picture that is as bright as can be, 0..1. */
  readonly saturated: number;
  /** How much of an edge's rise happens within two pixels: about 1 in focus, whatever the light. Null: it shows no edges. */
  readonly sharpness: number | null;
  /** Share of the picture that changes from one looked-at frame to the next, 0..1. */
  readonly motion: number;
  /** Where the picture has edges and how strong: 12 rows of 16 cells for level edges, then as many for upright ones. 0..255. */
  readonly layout: Uint8Array;
}

export const pictureTroubles = ['covered', 'blinded', 'turned', 'defocused'] as const;
export type PictureTrouble = (typeof pictureTroubles)[number];

/** A camera that is live but does not see what it should. */
export interface CameraTrouble {
  /** `changed`: it sees something, but its last week is another one than the accepted week (see `CameraDrift`). */
  readonly kind: PictureTrouble | 'frozen' | 'changed';
  readonly sinceMs: number;
  /** In words, to be read after its name. */
  readonly says: string;
}

/** What was measured of a camera in one hour in which all was well: means, and counts by bin. */
export interface HourProfile {
  /** Epoch ms of the hour's begin. */
  readonly hourMs: number;
  /** Pictures that were measured. */
  readonly samples: number;
  readonly brightness: number;
  readonly spread: number;
  readonly saturated: number;
  /** Null: no picture showed edges. */
  readonly sharpness: number | null;
  readonly motion: number;
  /** How well its pictures' layouts fitted those before them, −1..1, and the standard deviation of that. */
  readonly layoutFit: number;
  readonly layoutSway: number;
  readonly layout: Uint8Array;
  /** Pictures by brightness, in steps of 16. */
  readonly brightnessBins: readonly number[];
  /** Sightings by score, in steps of 0.05: a tracked object counts once a minute. */
  readonly scoreBins: readonly number[];
  /** The same sightings by label. */
  readonly labels: Readonly<Record<string, number>>;
}

export const driftFigures = ['brightness', 'scores', 'classes'] as const;
export type DriftFigure = (typeof driftFigures)[number];

/** A camera whose last week is another one than the week that was accepted. */
export interface CameraDrift {
  /** When it was found. */
  readonly sinceMs: number;
  /** The stretch that was held against the accepted week, epoch ms. */
  readonly fromMs: number;
  readonly toMs: number;
  /** Those that changed, with their population stability index. */
  readonly changed: readonly { readonly figure: DriftFigure; readonly psi: number }[];
  /** In words, to be read after its name. */
  readonly says: string;
}

/** Pictures of the same hour of the day as `data:` addresses; null: there is none yet. */
export interface HealthPictures {
  readonly accepted: string | null;
  readonly now: string | null;
}

/** What is known of a camera's view. */
export interface CameraHealthView {
  readonly cameraId: string;
  readonly trouble: CameraTrouble | null;
  readonly drift: CameraDrift | null;
  /** When what it shows was accepted, by an operator or because it was new; null: it was never live. */
  readonly acceptedAtMs: number | null;
  /** Until then what it shows is learnt as normal. */
  readonly learntAtMs: number | null;
  /** What is accepted by hour of the day; hours that are not learnt yet are left out. */
  readonly accepted: readonly AcceptedHour[];
  /** The newest picture's; null: none has come since the start. */
  readonly latest: Omit<PictureFigures, 'layout'> | null;
  readonly pictures: HealthPictures;
}

export interface AcceptedHour extends Pick<HourProfile, 'samples' | 'brightness' | 'sharpness' | 'motion'> {
  /** 0 to 23, on this machine's clock. */
  readonly hour: number;
}
