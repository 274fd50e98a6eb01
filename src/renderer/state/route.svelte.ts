export const viewNames = ['live', 'playback', 'review', 'jobs', 'reports', 'cameras', 'system'] as const;
export type ViewName = (typeof viewNames)[number];

const isViewName = (text: string): text is ViewName => (viewNames as readonly string[]).includes(text);

/** Which view is shown, and of what: `#/jobs/<id>`. In the address, so that back, forward and reload work. */
export class Route {
  #view = $state<ViewName>('live');
  #subject = $state<string | null>(null);

  get view(): ViewName {
    return this.#view;
  }
  get subject(): string | null {
    return this.#subject;
  }

  go(view: ViewName, subject: string | null = null): void {
    location.hash = `/${view}${subject === null ? '' : `/${encodeURIComponent(subject)}`}`;
    this.#read();
  }

  start(): () => void {
    const read = (): void => {
      this.#read();
    };
    read();
    window.addEventListener('hashchange', read);
    return () => {
      window.removeEventListener('hashchange', read);
    };
  }

  #read(): void {
    const [view = '', subject] = location.hash.replace(/^#\//, '').split('/');
    this.#view = isViewName(view) ? view : 'live';
    this.#subject = subject === undefined || subject === '' ? null : decodeURIComponent(subject);
  }
}
