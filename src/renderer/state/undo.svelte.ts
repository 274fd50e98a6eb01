import { SvelteMap } from 'svelte/reactivity';

export const undoMs = 10_000;

export interface PendingAct {
  /** `camera:<id>`, `job:<id>`: one act a thing at a time. */
  readonly key: string;
  readonly run: () => Promise<void>;
  /** What has to be taken back when the act is undone; nothing where it has not begun. */
  readonly undone?: () => Promise<void>;
}

/** Destructive acts happen 10 s after the click, or when the window closes, unless they are undone before. */
export class UndoableActs {
  readonly #pending = new SvelteMap<
    string,
    { act: PendingAct; dueAtMs: number; timer: ReturnType<typeof setTimeout> }
  >();

  /** Epoch ms at which the act on this thing happens; null: none is waiting. */
  dueAtMs(key: string): number | null {
    return this.#pending.get(key)?.dueAtMs ?? null;
  }

  add(act: PendingAct): void {
    this.#forget(act.key);
    const timer = setTimeout(() => {
      this.#runNow(act.key);
    }, undoMs);
    this.#pending.set(act.key, { act, dueAtMs: Date.now() + undoMs, timer });
  }

  async undo(key: string): Promise<void> {
    const act = this.#pending.get(key)?.act;
    this.#forget(key);
    await act?.undone?.();
  }

  start(): () => void {
    const flush = (): void => {
      for (const key of [...this.#pending.keys()]) this.#runNow(key);
    };
    window.addEventListener('pagehide', flush);
    return () => {
      window.removeEventListener('pagehide', flush);
      flush();
    };
  }

  #runNow(key: string): void {
    const pending = this.#pending.get(key);
    if (pending === undefined) return;
    clearTimeout(pending.timer);
    // Still listed while it happens, so that what it removes does not show up again for a moment.
    void pending.act.run().finally(() => {
      if (this.#pending.get(key) === pending) this.#pending.delete(key);
    });
  }

  #forget(key: string): void {
    clearTimeout(this.#pending.get(key)?.timer);
    this.#pending.delete(key);
  }
}
