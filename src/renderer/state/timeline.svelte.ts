import type { RunRecord, Timeline } from '../../shared/domain/timeline.ts';
import type { ApplicationState } from './application.svelte.ts';
import { TimeLens } from './time-lens.svelte.ts';
import { laneLimits, questionFor, refreshMs } from './time-window.ts';

const firstSpanMs = 10_000;

/** What the device did in the window that is looked at. */
export class TimelineState extends TimeLens<Timeline> {
  constructor(app: ApplicationState) {
    super({
      firstSpanMs,
      limits: laneLimits,
      ask: (window) => app.call('lanes.timeline', questionFor(window)),
      refreshMs,
    });
  }

  get timeline(): Timeline | null {
    return this.answer;
  }
  /** Single runs, oldest first; empty where there are too many of them. */
  get runs(): readonly RunRecord[] {
    return this.timeline?.runs ?? [];
  }
}
