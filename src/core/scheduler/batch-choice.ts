import { batchLadder, type LaneName, type LaneSettings } from '../../shared/domain/lanes.ts';
import { fastestMs, kneeBatch, widestBatch, type CostCurve, type CostModel } from './cost-model.ts';
import { worthwhileShare } from './live-decision.ts';
import type { WorkShape } from './work-shape.ts';

/** Why a lane uses the batch it uses, in words with the measured numbers; empty where nothing is to be run. */
export function choiceOf(
  costs: CostModel,
  settings: LaneSettings,
  lane: LaneName,
  shape: WorkShape | null,
  camerasOn: boolean,
): string {
  const curve = shape === null ? undefined : costs.curves[lane].get(shape.costKey);
  if (shape === null || curve === undefined) return '';
  const steps = measuredSteps(curve);
  if (steps.length === 0) return 'not measured yet';
  if (lane === 'live') return liveChoice(settings, steps);
  const best = steps.reduce((most, step) => (step.perMs > most.perMs ? step : most));
  const knee = kneeBatch(costs, 'archive', shape.costKey) ?? best.batch;
  const kneeStep = steps.find(({ batch }) => batch === knee) ?? best;
  const measured =
    knee === best.batch
      ? `${knee} is the fastest measured: ${perSecond(best)}`
      : `${knee} is the knee: ${percent(kneeStep.perMs / best.perMs)} of ${best.batch}'s throughput`;
  if (settings.archiveBatch !== 'auto') return `${settings.archiveBatch} is set; ${measured}`;
  if (camerasOn) return measured;
  const widest = widestBatch(costs, 'archive', shape.costKey) ?? knee;
  return widest === knee
    ? measured
    : `${widest} while no camera is on, the largest within 3 % of the best; ${measured}`;
}

interface MeasuredStep {
  readonly batch: number;
  readonly runMs: number;
  readonly perMs: number;
}

function measuredSteps(curve: CostCurve): MeasuredStep[] {
  return batchLadder.flatMap((batch, index) => {
    const runMs = curve.q50Ms[index] as number;
    if (curve.warmed[index] !== true || !(runMs > 0) || fastestMs(curve, index) === null) return [];
    return [{ batch, runMs, perMs: batch / runMs }];
  });
}

function liveChoice({ liveBatch, liveWindowMs }: LaneSettings, steps: readonly MeasuredStep[]): string {
  const [one, ...wider] = steps;
  const pins = [
    ...(liveBatch === 'auto' ? [] : [`up to ${liveBatch} together are set`]),
    ...(liveWindowMs === 'auto' ? [] : [`a window of ${liveWindowMs} ms is set`]),
  ];
  const said = (measured: string): string => [...pins, measured].join('; ');
  if (one?.batch !== 1) return said('size 1 is not measured yet');
  const [next] = wider;
  if (next === undefined) return said('only size 1 is measured');
  const paying = wider.filter(({ batch, runMs }) => runMs < worthwhileShare * batch * one.runMs);
  const largest = paying[paying.length - 1];
  const times = (step: MeasuredStep): string => `${(step.runMs / one.runMs).toFixed(2)} x as long as 1`;
  if (largest === undefined) return said(`${next.batch} would take ${times(next)}: no gain on this device`);
  return said(`${largest.batch} take ${times(largest)}: frames that wait together run together`);
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
const perSecond = ({ perMs }: MeasuredStep): string => `${Math.round(1000 * perMs)} pictures a second`;
