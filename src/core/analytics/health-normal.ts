import type { PictureFigures, PictureTrouble } from '../../shared/domain/camera-health.ts';

/** What a camera's pictures look like when all is well: at an hour of the day, or of late. */
export interface Normal {
  readonly spread: number;
  readonly saturated: number;
  /** Null: its pictures show no edges. */
  readonly sharpness: number | null;
  readonly layout: ArrayLike<number>;
  /** How well its own pictures correlate with the layout, on average, and the standard deviation of that. */
  readonly layoutFit: number;
  readonly layoutSway: number;
}

/** A picture with less between dark and bright shows nothing, if it used to show a few times as much. */
const flatSpread = 16;
const flatOfNormal = 0.35;
/** Below this nothing is to be seen any more; above it a dark picture may still show the same scene. */
const emptySpread = 6;
const brightFrom = 200;
const blindedShare = 0.5;
const brightNormalShare = 0.3;
/** A scene that fits itself worse than this cannot be compared. */
const leastLayoutFit = 0.5;
/** Where much of the picture moves, layouts differ by more than that of a turned camera does elsewhere. */
const swaysOff = 4;
/** Without so much contrast there is no layout to compare. */
const layoutSpread = 24;
/** A lens out of focus by two pixels takes 40 % of the sharpness; light, noise and weather move it by a few percent. */
const focusLoss = 0.75;
const focusSpread = 40;

/**
 * What is wrong with the view of a picture that should be like `normal`; null: nothing.
 * @param layoutLoss so much worse than the camera's own pictures its layout may fit.
 */
export function viewTrouble(figures: PictureFigures, normal: Normal, layoutLoss: number): PictureTrouble | null {
  const isOther = isOtherLayout(figures, normal, layoutLoss);
  if (isFlat(figures, normal) && (isOther || figures.spread < emptySpread)) {
    return figures.brightness >= brightFrom ? 'blinded' : 'covered';
  }
  if (figures.saturated >= blindedShare && normal.saturated < brightNormalShare) return 'blinded';
  return isOther && figures.spread >= layoutSpread ? 'turned' : null;
}

/** Far less sharp than `normal`. */
export function isDefocused({ sharpness, spread }: PictureFigures, normal: Normal): boolean {
  if (normal.sharpness === null) return false;
  // No edges are left in a picture that has the contrast for them.
  if (sharpness === null) return spread >= focusSpread && spread >= normal.spread / 2;
  return sharpness < normal.sharpness * focusLoss;
}

const isFlat = ({ spread }: PictureFigures, normal: Normal): boolean =>
  normal.spread >= layoutSpread && spread < flatSpread && spread < normal.spread * flatOfNormal;

const isOtherLayout = ({ layout }: PictureFigures, normal: Normal, layoutLoss: number): boolean =>
  normal.spread >= layoutSpread &&
  normal.layoutFit >= leastLayoutFit &&
  correlation(layout, normal.layout) < normal.layoutFit - Math.max(layoutLoss, swaysOff * normal.layoutSway);

/** Pearson's, −1..1; 0 where one of the two is even. */
export function correlation(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const count = Math.min(a.length, b.length);
  let sumA = 0;
  let sumB = 0;
  let sumAB = 0;
  let sumAA = 0;
  let sumBB = 0;
  for (let at = 0; at < count; at++) {
    const ofA = a[at]!;
    const ofB = b[at]!;
    sumA += ofA;
    sumB += ofB;
    sumAB += ofA * ofB;
    sumAA += ofA * ofA;
    sumBB += ofB * ofB;
  }
  const spreadA = count * sumAA - sumA * sumA;
  const spreadB = count * sumBB - sumB * sumB;
  // Rounding may leave a crumb of an even one.
  return spreadA <= 1e-6 || spreadB <= 1e-6 ? 0 : (count * sumAB - sumA * sumB) / Math.sqrt(spreadA * spreadB);
}
