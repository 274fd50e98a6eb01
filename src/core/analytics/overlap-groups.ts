import type { ModelManifest } from '../../shared/domain/model.ts';

/**
 * For each class the number of the group in which overlapping boxes count as one object: its own, or the first class of
 * the manifest's exclusive group.
 */
export function overlapGroups({
  labels,
  exclusiveGroups,
}: Pick<ModelManifest, 'labels' | 'exclusiveGroups'>): Int32Array {
  const groups = Int32Array.from(labels, (_, index) => index);
  for (const group of exclusiveGroups) {
    const members = group.map((label) => labels.indexOf(label)).filter((index) => index >= 0);
    for (const member of members) groups[member] = Math.min(...members);
  }
  return groups;
}
