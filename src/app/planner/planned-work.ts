import type { LadderCost } from '../../shared/domain/lanes.ts';
import type { TierName } from '../../shared/domain/model.ts';

/** What is measured and planned together: one model at one tier. */
export const workKey = (modelId: string, tier: TierName): string => `${modelId} ${tier}`;

/**
 * Pictures are fitted to their shape, so a tier has several heights. Where the wanted one was never measured, the one of
 * the same width with the most sizes speaks for it.
 */
export function costsOf(
  all: readonly LadderCost[],
  modelId: string,
  wanted: string,
): { input: string; costs: readonly LadderCost[] } {
  const [width = ''] = wanted.split('x');
  const byInput = new Map<string, LadderCost[]>();
  for (const cost of all) {
    if (cost.modelId !== modelId || !cost.input.startsWith(`${width}x`)) continue;
    byInput.set(cost.input, [...(byInput.get(cost.input) ?? []), cost]);
  }
  const archiveSizes = (input: string): number =>
    (byInput.get(input) ?? []).filter(({ lane }) => lane === 'archive').length;
  let input = wanted;
  if (archiveSizes(wanted) === 0) {
    for (const other of byInput.keys()) if (archiveSizes(other) > archiveSizes(input)) input = other;
  }
  return { input, costs: byInput.get(input) ?? [] };
}
