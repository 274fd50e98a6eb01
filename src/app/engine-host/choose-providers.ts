import type { LaneName } from '../../shared/domain/lanes.ts';
import type { LaneProviders, ProviderAttempt, ProviderMeasurement } from '../../shared/engine/protocol.ts';

/** One provider that was tried, or left out with a reason. */
export interface ProviderTrial {
  readonly provider: string;
  readonly result: ProviderMeasurement;
}

/** What a model is opened on, by lane, with everything that was tried and why it was not taken. */
export interface ProviderChoice {
  readonly providers: LaneProviders;
  readonly tried: readonly ProviderAttempt[];
}

/** A device has to win clearly: a small win is noise, and the CPU never goes away. */
const worthIt = 0.9;
/** Paid at every start, before the first picture. */
const longestStartMs = 30_000;

/** For cameras what a single picture takes; for scans what one takes in the largest batch that was measured. */
const needOf: Readonly<Record<LaneName, (result: ProviderMeasurement) => number>> = {
  live: (result) => (result.works ? (result.runs[0]?.runMs ?? Infinity) : Infinity),
  archive: (result) => {
    const widest = result.works ? result.runs[result.runs.length - 1] : undefined;
    return widest === undefined ? Infinity : widest.runMs / widest.batch;
  },
};

/** The fastest for each lane's need. A provider that needs half a minute before its first picture is not taken. */
export function chooseProviders(trials: readonly ProviderTrial[]): ProviderChoice {
  const live = fastest(trials, needOf.live, null);
  const archive = fastest(trials, needOf.archive, live);
  const cpu = trials.find(({ provider }) => provider === 'cpu');
  return {
    providers: { live: withFallback(live), archive: withFallback(archive) },
    tried: trials.map((trial) => {
      const { provider, result } = trial;
      const lanes = { live: provider === live, archive: provider === archive };
      return {
        provider,
        taken: lanes.live || lanes.archive,
        why: whyOf(result, lanes, trials, { live, archive }, cpu),
      };
    }),
  };
}

function fastest(
  trials: readonly ProviderTrial[],
  need: (result: ProviderMeasurement) => number,
  alike: string | null,
): string {
  let best = { provider: 'cpu', ms: need(trials.find(({ provider }) => provider === 'cpu')?.result ?? nothing) };
  for (const { provider, result } of trials) {
    const ms = startMsOf(result) > longestStartMs ? Infinity : need(result);
    const margin = best.provider === 'cpu' ? worthIt : 1;
    if (provider !== 'cpu' && ms < best.ms * margin) best = { provider, ms };
  }
  // Both lanes on one device, unless another is clearly better for scans.
  const same = trials.find(({ provider }) => provider === alike);
  return same !== undefined && best.ms >= need(same.result) * worthIt ? same.provider : best.provider;
}

const nothing: ProviderMeasurement = { works: false, why: 'not tried' };
const withFallback = (provider: string): readonly string[] => (provider === 'cpu' ? ['cpu'] : [provider, 'cpu']);
const startMsOf = (result: ProviderMeasurement): number => (result.works ? result.openMs + result.firstRunMs : 0);

function whyOf(
  result: ProviderMeasurement,
  lanes: Readonly<Record<LaneName, boolean>>,
  trials: readonly ProviderTrial[],
  taken: Readonly<Record<LaneName, string>>,
  cpu: ProviderTrial | undefined,
): string {
  if (!result.works) return result.why;
  if (result.runs.length === 0) return lanes.live ? 'nothing else is here' : 'works, but no run ended in time';
  const numbers = numbersOf(result);
  if (lanes.live && lanes.archive) return cpu?.result === result ? numbers : `${numbers}${against(result, cpu)}`;
  if (lanes.live) return `for cameras: ${numbers}`;
  if (lanes.archive) return `for scans: ${numbers}`;
  if (startMsOf(result) > longestStartMs) {
    return `works, ${numbers}, but every start would wait ${(startMsOf(result) / 1000).toFixed(0)} s for it`;
  }
  const better = trials.find(({ provider }) => provider === taken.live);
  return `works, ${numbers}${against(result, better)}`;
}

function against(result: ProviderMeasurement, other: ProviderTrial | undefined): string {
  if (other === undefined || !other.result.works || other.result === result) return '';
  const alone = needOf.live(other.result);
  const many = needOf.archive(other.result);
  return ` against ${other.provider}'s ${amount(alone)}${many === alone ? '' : ` and ${amount(many)}`}`;
}

function numbersOf(result: ProviderMeasurement & { works: true }): string {
  const [single] = result.runs;
  const widest = result.runs[result.runs.length - 1];
  if (single === undefined || widest === undefined) return '';
  const alone = `${amount(single.runMs / single.batch)} a picture`;
  if (widest === single) return alone;
  return `${alone}, ${amount(widest.runMs / widest.batch)} in batches of ${String(widest.batch)}`;
}

const amount = (ms: number): string => `${ms < 10 ? ms.toFixed(1) : ms.toFixed(0)} ms`;
