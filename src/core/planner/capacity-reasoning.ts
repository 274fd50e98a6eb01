import type { CapacityAnswer } from '../../shared/domain/plan.ts';
import { breaksPromise, type CapacityFacts, type PlannedDevice } from './capacity.ts';
import type { PlannedCost } from './cost-shape.ts';
import { figure, percent } from './number-text.ts';

/** How a plan came to its figures, one sentence a step; what is estimated is named as such. */
export function capacityReasoning(
  facts: CapacityFacts,
  answer: Omit<CapacityAnswer, 'reasoning'>,
  chunk: PlannedCost,
  device: PlannedDevice,
): string[] {
  const { tariff } = facts;
  const { cost, estimated } = answer;
  return [
    alone(facts, device),
    ...(facts.cameras.length === 0
      ? ['No camera is on: the whole device is the archive’s, at the largest batch that pays.', whole(answer)]
      : beside(facts, answer, chunk, device)),
    ...(estimated.length === 0
      ? []
      : [
          `Estimated, not measured: ${estimated.join('; ')}. Between ${figure(answer.archiveRange.low)} and ${figure(answer.archiveRange.high)} pictures/s are likely.`,
        ]),
    `${figure(cost.watts)} W${cost.wattsEstimated ? ' (estimated from the kind of device)' : ''} at ${figure(tariff.perKwh)} ${cost.currency}/kWh and ${figure(tariff.perDeviceHour)} ${cost.currency} a device-hour.`,
  ];
}

function alone({ endToEnd }: CapacityFacts, { widest, cores }: PlannedDevice): string {
  const runs = (1000 * widest.batch) / widest.q50Ms;
  if (endToEnd === null)
    return `A batch of ${String(widest.batch)} takes ${figure(widest.q50Ms)} ms on the device; decoding beside it is not measured yet and counted as ${figure(cores.pictureMs)} core-ms a picture, runs on the processor included.`;
  return `With no camera on the archive makes ${figure(endToEnd.imagesPerSecond)} pictures/s end to end (measured); its runs alone would make ${figure(runs)}/s, so a picture takes ${figure(Math.max(1, runs / endToEnd.imagesPerSecond))} times its run.`;
}

const whole = ({ archivePerSecond }: Omit<CapacityAnswer, 'reasoning'>): string =>
  `That is ${figure(archivePerSecond)} pictures/s.`;

function beside(
  facts: CapacityFacts,
  { archivePerSecond, predictedLiveP95Ms, liveLoad }: Omit<CapacityAnswer, 'reasoning'>,
  chunk: PlannedCost,
  { live, stretch, cores }: PlannedDevice,
): string[] {
  const { cameras, mode, keptShare, archiveFloorShare } = facts;
  const frames = cameras.reduce((sum, { fps }) => sum + fps, 0);
  const cameraMs = cameras.length * cores.cameraSecondMs + frames * cores.liveRunMs;
  const smallestSloMs = Math.min(...cameras.map(({ sloMs }) => sloMs));
  return [
    `${String(cameras.length)} cameras ask for ${figure(frames)} frames/s of ${figure(live.q50Ms * stretch)} ms, and for ${figure(cameraMs / 1_000)} of ${figure(cores.capacityMs / 1_000)} cores, decoding included: a live load of ${percent(liveLoad)}.`,
    `Left over at chunks of ${String(chunk.batch)} (${mode}): ${figure(archivePerSecond)} pictures/s${keptShare === null ? '' : `, of what cameras leave ${percent(keptShare)} were used when it was measured`}${1 - liveLoad < archiveFloorShare ? ', which is the archive’s floor: the cameras ask for more than there is' : ''}.`,
    predictedLiveP95Ms === null
      ? 'Live frames alone are more than this machine can run: frames will be dropped.'
      : `A live frame has its result after about ${figure(predictedLiveP95Ms)} ms of ${figure(smallestSloMs)} ms at its p95, beside archive work.`,
    ...(predictedLiveP95Ms !== null && breaksPromise(facts, predictedLiveP95Ms)
      ? [
          'The promise would be missed: the archive gives way, down to its guaranteed share where frames go on being late.',
        ]
      : []),
  ];
}
