import type { LaneSettings } from '../../../../shared/domain/lanes.ts';
import * as format from '../../../strings/format.ts';
import { words } from '../../../strings/words.ts';

const text = words.system.settings;

const show: { readonly [K in keyof LaneSettings]: readonly [name: string, (value: LaneSettings[K]) => string] } = {
  mode: [text.mode, (mode) => words.system.modes[mode]],
  archiveFloorShare: [text.floor, text.share],
  liveWindowMs: [text.window, (ms) => (ms === 'auto' ? text.auto : text.ms(ms))],
  liveBatch: [text.liveBatch, (batch) => (batch === 'auto' ? text.auto : format.count(batch))],
  archiveBatch: [text.archiveBatch, (batch) => (batch === 'auto' ? text.auto : format.count(batch))],
  archiveJobs: [text.archiveJobs, format.count],
  instances: [
    text.instances,
    ({ scale, most }) => text.executors(text.instancesScales[scale], scale === 'off' ? null : most),
  ],
  api: [
    text.apiGathering,
    ({ windowMs, batch }) => (windowMs === 0 || batch === 1 ? text.apiAlone : text.apiTogether(windowMs, batch)),
  ],
};

/** What settings would change, in words: name, and `to (is from)`. Those that are so already are left out. */
export function settingFacts(
  wanted: Partial<LaneSettings>,
  present: LaneSettings,
): readonly (readonly [name: string, value: string])[] {
  const keys = Object.keys(wanted) as (keyof LaneSettings)[];
  return keys.flatMap((key) => fact(key, wanted[key], present[key]));
}

function fact<K extends keyof LaneSettings>(
  key: K,
  wanted: LaneSettings[K] | undefined,
  present: LaneSettings[K],
): readonly (readonly [string, string])[] {
  if (wanted === undefined) return [];
  const [name, inWords] = show[key];
  const [to, from] = [inWords(wanted), inWords(present)];
  return to === from ? [] : [[name, text.becomes(to, from)]];
}
