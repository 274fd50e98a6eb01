import { toast } from 'svelte-sonner';
import type { ScheduleSettings, ScheduleView } from '../../shared/domain/schedule.ts';
import type { Result } from '../../shared/errors.ts';
import { words } from '../strings/words.ts';
import { tellFailure } from './actions.ts';
import { removeLater } from './remove-later.ts';
import type { Shell } from './shell.svelte.ts';

/** What operators do with schedules. The list hears of every change by itself. */
export async function keepSchedule(shell: Shell, settings: ScheduleSettings): Promise<Result<ScheduleView>> {
  const answer = await shell.app.call('schedules.create', settings);
  if (answer.ok) {
    toast.success(words.schedules.created(settings.name, answer.value.next, settings.timeZone), { duration: 8_000 });
    shell.route.go('jobs');
  }
  return answer;
}

export async function switchSchedule(shell: Shell, id: string, enabled: boolean): Promise<void> {
  const answer = await shell.app.call('schedules.update', { id, settings: { enabled } });
  if (!answer.ok) tellFailure(answer.error);
}

export async function runSchedule(shell: Shell, id: string): Promise<void> {
  const answer = await shell.app.call('schedules.runNow', { id });
  if (answer.ok) {
    shell.app.takeJob(answer.value);
    toast.success(words.schedules.started(answer.value.name));
  } else tellFailure(answer.error);
}

/** 10 s later, so that it can be undone; until then it runs as ever. */
export function removeSchedule(shell: Shell, { id, settings }: ScheduleView): void {
  removeLater(shell, `schedule:${id}`, words.schedules.removing(settings.name), async () => {
    const answer = await shell.app.call('schedules.remove', { id });
    if (!answer.ok) tellFailure(answer.error);
  });
}
