import type { CameraTimelineState } from '../../state/camera-timeline.svelte.ts';
import type { Playback } from '../../state/playback.svelte.ts';
import type { ShortcutGroup } from '../../state/shortcuts.svelte.ts';
import { words } from '../../strings/words.ts';

/** The keys of Playback. While the timeline has the focus, arrows move it instead. */
export function playbackShortcuts(
  playback: Playback,
  timeline: CameraTimelineState,
  focusMoment: () => void,
): ShortcutGroup {
  const own = words.shortcuts.playback;
  const marks = (edge: 'in' | 'out') => () => {
    playback.mark(edge);
  };
  const zooms = (factor: number) => () => {
    const { atMs } = playback;
    const { fromMs, toMs } = timeline.window;
    timeline.zoom(factor, atMs !== null && atMs >= fromMs && atMs <= toMs ? atMs : undefined);
  };
  return {
    title: own.title,
    shortcuts: [
      { keys: ['space'], words: own.play, run: () => void playback.toggle() },
      { keys: ['arrowleft'], words: words.playback.jumpBack, run: () => void playback.jump(-10_000) },
      { keys: ['arrowright'], words: words.playback.jumpOn, run: () => void playback.jump(10_000) },
      { keys: [','], words: words.playback.stepBack, run: () => void playback.step(-1) },
      { keys: ['.'], words: words.playback.stepOn, run: () => void playback.step(1) },
      { keys: ['i'], words: words.playback.markIn, run: marks('in') },
      { keys: ['o'], words: words.playback.markOut, run: marks('out') },
      { keys: ['g t'], words: own.moment, run: focusMoment },
      { keys: ['+', '='], words: own.closer, run: zooms(0.5) },
      { keys: ['-'], words: own.wider, run: zooms(2) },
      {
        keys: ['home'],
        words: own.now,
        run: () => {
          timeline.followNow();
        },
      },
    ],
  };
}
