import type { ShortcutGroup } from '../../state/shortcuts.svelte.ts';
import type { Direction } from '../../state/wall-plan.ts';
import { words } from '../../strings/words.ts';

export interface WallActs {
  /** Enlarges the tile at a place of the page, from 0. */
  readonly choose: (place: number) => void;
  readonly back: () => void;
  readonly toggleFullScreen: () => void;
  readonly turn: (by: number) => void;
  readonly focus: (direction: Direction) => void;
  readonly move: (direction: Direction) => void;
  readonly newWindow: () => void;
}

const arrows: Readonly<Record<string, Direction>> = {
  arrowleft: 'left',
  arrowright: 'right',
  arrowup: 'up',
  arrowdown: 'down',
};

/** The keys of the wall. */
export function wallShortcuts(acts: WallActs): ShortcutGroup {
  const towards =
    (act: (direction: Direction) => void) =>
    (keys: string): void => {
      const direction = arrows[keys.replace('shift+', '')];
      if (direction !== undefined) act(direction);
    };
  const texts = words.shortcuts.live;
  const own = words.wall.shortcuts;
  return {
    title: texts.title,
    shortcuts: [
      {
        keys: ['1', '2', '3', '4', '5', '6', '7', '8', '9'],
        words: texts.choose,
        run: (key) => {
          acts.choose(Number(key) - 1);
        },
      },
      { keys: ['escape'], words: texts.back, run: acts.back },
      { keys: ['f'], words: texts.fullScreen, run: acts.toggleFullScreen },
      {
        keys: ['j', 'pagedown'],
        words: texts.nextPage,
        run: () => {
          acts.turn(1);
        },
      },
      {
        keys: ['k', 'pageup'],
        words: texts.previousPage,
        run: () => {
          acts.turn(-1);
        },
      },
      { keys: Object.keys(arrows), words: own.focus, run: towards(acts.focus) },
      { keys: Object.keys(arrows).map((key) => `shift+${key}`), words: own.move, run: towards(acts.move) },
      { keys: ['w'], words: own.newWindow, run: acts.newWindow },
    ],
  };
}
