/** Dark until somebody chooses: the picture first, at night. */
export const themes = ['dark', 'light', 'contrast', 'system'] as const;
export type Theme = (typeof themes)[number];
type Shown = Exclude<Theme, 'system'>;

const storageKey = 'nightshift.preferences';

interface Stored {
  theme: Theme;
}

/** What this window remembers for its user, in this browser or profile only. */
export class Preferences {
  #theme = $state<Theme>('dark');
  #shown = $state<Shown>('dark');

  get theme(): Theme {
    return this.#theme;
  }
  /** The theme that is seen, chosen or the system's. */
  get shown(): Shown {
    return this.#shown;
  }

  setTheme(theme: Theme): void {
    this.#theme = theme;
    this.#apply();
    this.#save();
  }

  start(): () => void {
    this.#load();
    this.#apply();
    const light = matchMedia('(prefers-color-scheme: light)');
    const contrast = matchMedia('(prefers-contrast: more)');
    const apply = (): void => {
      this.#apply();
    };
    light.addEventListener('change', apply);
    contrast.addEventListener('change', apply);
    return () => {
      light.removeEventListener('change', apply);
      contrast.removeEventListener('change', apply);
    };
  }

  #apply(): void {
    this.#shown = this.#theme === 'system' ? systemTheme() : this.#theme;
    document.documentElement.dataset['theme'] = this.#shown;
  }

  #load(): void {
    try {
      const stored = JSON.parse(localStorage.getItem(storageKey) ?? '{}') as Partial<Stored>;
      this.#theme = themes.find((theme) => theme === stored.theme) ?? 'dark';
    } catch {
      // Storage is off or holds something else: the defaults are fine, and the next choice overwrites it.
    }
  }

  #save(): void {
    try {
      const stored: Stored = { theme: this.#theme };
      localStorage.setItem(storageKey, JSON.stringify(stored));
    } catch {
      // A window without storage forgets its choices when it closes; nothing else depends on them.
    }
  }
}

function systemTheme(): Shown {
  if (matchMedia('(prefers-contrast: more)').matches) return 'contrast';
  return matchMedia('(prefers-color-scheme: light)').matches ? 'light' : 'dark';
}
