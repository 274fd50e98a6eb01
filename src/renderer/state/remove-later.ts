import { toast } from 'svelte-sonner';
import { words } from '../strings/words.ts';
import type { Shell } from './shell.svelte.ts';
import { undoMs } from './undo.svelte.ts';

/** Removes something 10 s later and says so meanwhile, so that it can be undone. `key`: `camera:<id>`, `schedule:<id>`. */
export function removeLater(shell: Shell, key: string, told: string, remove: () => Promise<void>): void {
  const notice = toast(told, {
    duration: undoMs,
    action: { label: words.common.undo, onClick: () => void shell.acts.undo(key) },
  });
  shell.acts.add({
    key,
    run: remove,
    undone: () => {
      toast.dismiss(notice);
      return Promise.resolve();
    },
  });
}
