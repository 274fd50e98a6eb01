import { lostFrames, lostText, type ShedCounts } from '../../shared/domain/repair.ts';
import * as format from './format.ts';

const frames = (n: number): string => format.counted(n, 'frame', 'frames');

/** Frames that were not analysed live, and are afterwards. */
export const repair = {
  label: 'Repair from the footage',
  hint: 'Frames that could not be analysed live are analysed afterwards, from the footage, in the time that cameras leave free.',
  /** Of a recorded camera, below its state. */
  line: (counts: ShedCounts | null): string => {
    if (counts === null || counts.shed === 0) return 'All frames of the last day analysed';
    if (counts.left > 0) return `${frames(counts.left)} still to repair`;
    const lost = lostFrames(counts);
    if (lost > 0) return `${frames(lost)} of the last day not analysed`;
    return `All frames of the last day analysed, ${format.count(counts.repaired)} of them from the footage`;
  },
  explained: (counts: ShedCounts | null): string =>
    counts === null || counts.shed === 0
      ? 'No frame was left out live while this camera was recorded.'
      : `Of ${frames(counts.shed)} that were not analysed live ${format.count(counts.repaired)} were repaired from the footage${
          counts.left > 0 ? `, ${format.count(counts.left)} are still to be` : ''
        }. ${lostText(counts)}`.trimEnd(),
  /** In the list of jobs. */
  progress: (counts: ShedCounts): string =>
    `${format.count(counts.repaired)} of ${frames(counts.shed)} repaired${
      counts.left > 0 ? `, ${format.count(counts.left)} left` : ''
    }${counts.lost.length > 0 ? `, ${format.count(lostFrames(counts))} cannot be` : ''}`,
  lost: (counts: ShedCounts): string => (counts.lost.length === 0 ? 'No frame was lost.' : lostText(counts)),
};
