import type { AdviceQuestion } from './plan.ts';

const [second, minute, hour, day] = [1_000, 60_000, 3_600_000, 86_400_000];

/** Cases that people know, as numbers for the mode advisor. Verdicts are not kept here: the rules give them. */
export const planScenarios: readonly {
  readonly id: string;
  readonly name: string;
  readonly question: AdviceQuestion;
}[] = [
  {
    id: 'conveyor-ejector',
    name: 'Conveyor ejector: a bad part is blown off the belt before it has passed',
    question: {
      latencyTargetMs: 50,
      freshnessMs: 100,
      costMatters: false,
      urgentShare: 1,
      utilisation: 0.6,
      peakToMean: 1.2,
    },
  },
  {
    id: 'wildlife-week',
    name: 'Wildlife week: cards of a week of camera traps, read on Monday',
    question: {
      latencyTargetMs: 2 * day,
      freshnessMs: 7 * day,
      costMatters: true,
      urgentShare: 0,
      utilisation: 0.9,
      peakToMean: 1,
    },
  },
  {
    id: 'avatar-filter',
    name: 'Avatar filter: the obvious is stopped at upload, the rest is looked at later',
    question: {
      latencyTargetMs: 250,
      freshnessMs: 10 * minute,
      costMatters: true,
      urgentShare: 0.1,
      utilisation: 0.2,
      peakToMean: 5,
    },
  },
  {
    id: 'shelf-audit',
    name: 'Shelf audit: gaps of the day, known when the shop opens',
    question: {
      latencyTargetMs: 8 * hour,
      freshnessMs: day,
      costMatters: true,
      urgentShare: 0,
      utilisation: 0.7,
      peakToMean: 1,
    },
  },
  {
    id: 'driver-alert',
    name: 'Driver alert: eyes closed at the wheel',
    question: {
      latencyTargetMs: 200,
      freshnessMs: 300,
      costMatters: false,
      urgentShare: 1,
      utilisation: 0.15,
      peakToMean: 1,
    },
  },
  {
    id: 'upload-moderation',
    name: 'Upload moderation: a first label at once, the final one within minutes',
    question: {
      latencyTargetMs: 500,
      freshnessMs: 5 * minute,
      costMatters: true,
      urgentShare: 0.2,
      utilisation: 0.5,
      peakToMean: 6,
    },
  },
  {
    id: 'city-incidents',
    name: 'City incidents: an accident within seconds, the summary every ten minutes',
    question: {
      latencyTargetMs: 2 * second,
      freshnessMs: 10 * minute,
      costMatters: true,
      urgentShare: 0.05,
      utilisation: 0.7,
      peakToMean: 3,
    },
  },
];
