import { untrack } from 'svelte';

/** One thing a key does. `keys` as `j`, `ctrl+k`, `alt+1`, `arrowleft`, `?`, or the sequence `g l`. */
export interface Shortcut {
  readonly keys: readonly string[];
  readonly words: string;
  /** Is told which of its keys it was. */
  readonly run: (keys: string) => void;
}

export interface ShortcutGroup {
  readonly title: string;
  readonly shortcuts: readonly Shortcut[];
}

const sequenceMs = 1200;

/** All keys of the window. Views add their group while they are shown; nothing is heard while somebody types. */
export class Shortcuts {
  #groups = $state.raw<readonly ShortcutGroup[]>([]);
  #prefix: { key: string; atMs: number } | null = null;

  get groups(): readonly ShortcutGroup[] {
    return this.#groups;
  }

  /** Returns its own undo. Later groups win over earlier ones with the same key. */
  add(group: ShortcutGroup): () => void {
    // Views add their group inside an effect, which must not run again because another group came or went.
    this.#groups = [...untrack(() => this.#groups), group];
    return () => {
      this.#groups = untrack(() => this.#groups).filter((other) => other !== group);
    };
  }

  start(): () => void {
    const onKey = (event: KeyboardEvent): void => {
      this.#heard(event);
    };
    window.addEventListener('keydown', onKey);
    return () => {
      window.removeEventListener('keydown', onKey);
    };
  }

  #heard(event: KeyboardEvent): void {
    if (event.defaultPrevented || event.isComposing) return;
    const key = keyOf(event);
    const hasCommand = event.ctrlKey || event.metaKey || event.altKey;
    if (!hasCommand && isTaken(event.target, key)) return;
    const prefix = this.#prefix;
    this.#prefix = null;
    const sequence = prefix !== null && event.timeStamp - prefix.atMs < sequenceMs ? `${prefix.key} ${key}` : null;
    const shortcut = (sequence === null ? null : this.#find(sequence)) ?? this.#find(key);
    if (shortcut !== null) {
      event.preventDefault();
      shortcut.run(sequence !== null && shortcut.keys.includes(sequence) ? sequence : key);
    } else if (this.#startsSequence(key)) {
      this.#prefix = { key, atMs: event.timeStamp };
    }
  }

  #find(key: string): Shortcut | null {
    for (const group of this.#groups.toReversed()) {
      const found = group.shortcuts.find((shortcut) => shortcut.keys.includes(key));
      if (found !== undefined) return found;
    }
    return null;
  }

  #startsSequence(key: string): boolean {
    return this.#groups.some((group) =>
      group.shortcuts.some((shortcut) => shortcut.keys.some((keys) => keys.startsWith(`${key} `))),
    );
  }
}

function keyOf(event: KeyboardEvent): string {
  const key = event.key === ' ' ? 'space' : event.key.toLowerCase();
  const command = event.ctrlKey || event.metaKey ? 'ctrl+' : '';
  const alt = event.altKey ? 'alt+' : '';
  // Shift is part of a printed character (`?`), and a word of its own for the others.
  const shift = event.shiftKey && (key.length > 1 || command !== '') ? 'shift+' : '';
  return `${command}${alt}${shift}${key}`;
}

/** Whether the focused element wants this key itself: it is typed into, or it is a control that reacts to it. */
function isTaken(target: EventTarget | null, key: string): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (
    target.isContentEditable ||
    target.closest('[role=dialog], [role=alertdialog], [role=menu], [role=listbox][data-select-content]') !== null
  )
    return true;
  if (target instanceof HTMLInputElement && (target.type === 'checkbox' || target.type === 'radio'))
    return key === 'space' || key.startsWith('arrow');
  if (
    target instanceof HTMLInputElement ||
    target instanceof HTMLTextAreaElement ||
    target instanceof HTMLSelectElement
  )
    return true;
  return (key === 'space' || key === 'enter') && target.closest('button, a[href], summary, [role=option]') !== null;
}
