import { mainScreen, mostScreens } from '../../shared/domain/wall.ts';

/** Which window this is: `?screen=2` in its address, else the main one. */
export function screenOf(search: string): string {
  const named = new URLSearchParams(search).get('screen');
  return named !== null && /^[2-9]$/.test(named) ? named : mainScreen;
}

/** The first number that no open window has; null: there are as many as there may be. */
export function freeScreen(isOpen: (name: string) => boolean): string | null {
  for (let number = 2; number < 2 + mostScreens; number++) if (!isOpen(String(number))) return String(number);
  return null;
}

/** Of windows that this one opened in a browser. */
const opened = new Map<string, Window>();

/**
 * Opens the wall in a further window. Inside Electron the host does it, on another monitor where there is one; a browser
 * asks its user where, and answers `blocked` where it does not allow it.
 */
export function openScreen(): 'opened' | 'blocked' | 'too-many' {
  if (window.nightshift !== undefined) {
    window.open('./?screen=next#/live');
    return 'opened';
  }
  const name = freeScreen((other) => opened.get(other)?.closed === false);
  if (name === null) return 'too-many';
  const next = window.open(`./?screen=${name}#/live`, `nightshift-screen-${name}`, 'popup,width=1280,height=800');
  if (next === null) return 'blocked';
  opened.set(name, next);
  return 'opened';
}
