import type { RunRecord } from '../../../../shared/domain/timeline.ts';
import * as format from '../../../strings/format.ts';
import { words } from '../../../strings/words.ts';
import type { Told } from './gantt-layout.ts';

const text = words.system.gantt;
const mostShedLines = 4;

/** What a shape tells in words: a heading, then one line each. */
export interface Explanation {
  readonly heading: string;
  readonly lines: readonly string[];
}

export function explain(told: Told): Explanation {
  switch (told.kind) {
    case 'run':
      return explainRun(told.run);
    case 'bucket': {
      const { fromMs, toMs, live, archive, runs, largestLive, largestArchive, shed } = told.bucket;
      return {
        heading: text.bucket(format.clockWithSeconds(fromMs), format.clockWithSeconds(toMs)),
        lines: [
          text.bucketShares(live, archive),
          text.bucketRuns(runs, largestLive, largestArchive),
          ...(shed > 0 ? [text.bucketShed(shed)] : []),
        ],
      };
    }
    case 'shed': {
      const { records } = told;
      return {
        heading: format.clockWithSeconds(records[0]?.atMs ?? 0),
        lines: [
          ...records
            .slice(0, mostShedLines)
            .map(
              ({ frames, camera, step, why }) =>
                `${text.shedLine(frames, camera ?? text.theArchive, words.system.shedSteps[step])} (${why})`,
            ),
          ...(records.length > mostShedLines ? [text.shedMore(records.length - mostShedLines)] : []),
        ],
      };
    }
    default:
      return told satisfies never;
  }
}

function explainRun(run: RunRecord): Explanation {
  return {
    heading: text.run(run.lane, run.subject, format.clockWithSeconds(run.startedAtMs)),
    lines: [
      run.why,
      text.runTime(run.predictedMs, run.actualMs),
      `${text.runWaited(run.waitedMs)} · ${text.runPlaces(run.batch, run.places)}`,
      text.runBeside(run.liveWaiting, run.archiveWaiting),
    ],
  };
}
