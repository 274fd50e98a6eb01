import type { MomentTrouble } from '../state/typed-moment.ts';

/** The words of fields in which a moment is typed. */
export const moment = {
  placeholder: '02:14, yesterday 02:14, -15m',
  means: (at: string) => `Means ${at}`,
  understood:
    'Understood are: 02:14 or 02:14:30 (24 hours), yesterday 02:14, Monday 02:14, 2026-11-23 02:14:30, 23.11. 02:14, 23 Nov 02:14, -15m, -1h30m, now.',
  troubles: {
    'not-understood': 'That is no moment.',
    'no-such-moment': 'The calendar has no such moment.',
    'to-come': 'That moment is still to come.',
  } satisfies Record<MomentTrouble, string>,
};
