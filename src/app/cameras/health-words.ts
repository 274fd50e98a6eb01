import type { CameraDrift, CameraTrouble, DriftFigure } from '../../shared/domain/camera-health.ts';

/** What operators are told of a camera's view, after its name. */
export const troubleWords: Readonly<Record<Exclude<CameraTrouble['kind'], 'changed'>, string>> = {
  covered: 'shows nothing: something covers it, or its light is gone.',
  blinded: 'is blinded: its picture is nearly all white.',
  turned: 'looks somewhere else than it used to.',
  defocused: 'is out of focus.',
  frozen: 'sends the same picture again and again.',
};

const figureWords: Readonly<Record<DriftFigure, string>> = {
  brightness: 'the brightness of its pictures',
  scores: 'how sure the model is of what it finds',
  classes: 'what is found in it',
};

export function driftWords(changed: CameraDrift['changed']): string {
  const named = changed.map(({ figure, psi }) => `${figureWords[figure]} (PSI ${psi.toFixed(2)})`);
  return `is another one than in the accepted week: ${named.join(', ')}.`;
}
