import { readFileSync, writeFileSync } from 'node:fs';
import { z } from 'zod';

export interface Bounds {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface WindowPlace {
  /** Null: the system chooses where. */
  readonly position: { readonly x: number; readonly y: number } | null;
  readonly width: number;
  readonly height: number;
  readonly maximised: boolean;
}

const savedSchema = z.object({
  x: z.int(),
  y: z.int(),
  width: z.int().positive(),
  height: z.int().positive(),
  maximised: z.boolean(),
});
export type SavedWindow = z.infer<typeof savedSchema>;

export const smallest = { width: 960, height: 600 } as const;
const usual = { width: 1440, height: 900 } as const;
/** So much of the window must lie on a screen that it can be taken hold of. */
const visiblePx = 120;
/** So much of the window below shows. */
const besidePx = 40;

/** Where a window goes that was left at `saved`, on the screens there are now (the first is the main one). */
export function placeWindow(saved: SavedWindow | null, screens: readonly Bounds[]): WindowPlace {
  const wanted = saved ?? usual;
  const screen = screens.find((area) => saved !== null && overlaps(saved, area)) ?? screens[0];
  const width = Math.max(smallest.width, Math.min(wanted.width, screen?.width ?? wanted.width));
  const height = Math.max(smallest.height, Math.min(wanted.height, screen?.height ?? wanted.height));
  const isVisible = saved !== null && screens.some((area) => overlaps(saved, area));
  return {
    position: isVisible ? { x: saved.x, y: saved.y } : null,
    width,
    height,
    maximised: saved?.maximised ?? false,
  };
}

/**
 * Where a further window goes: where it was left if that is still there, else over a whole screen on which none of the
 * open ones lies, else a little beside the first of them.
 */
export function placeBeside(
  saved: SavedWindow | null,
  screens: readonly Bounds[],
  open: readonly Bounds[],
): WindowPlace {
  const place = placeWindow(saved, screens);
  if (place.position !== null) return place;
  const free = screens.find((area) => !open.some((window) => overlaps(window, area)));
  if (free !== undefined) {
    const { x, y, width, height } = free;
    return { position: { x, y }, width, height, maximised: true };
  }
  const [first] = open;
  if (first === undefined) return place;
  return { ...place, position: { x: first.x + besidePx, y: first.y + besidePx } };
}

function overlaps(window: Bounds, area: Bounds): boolean {
  const across = Math.min(window.x + window.width, area.x + area.width) - Math.max(window.x, area.x);
  const topIsInside = window.y >= area.y && window.y <= area.y + area.height - visiblePx;
  return across >= visiblePx && topIsInside;
}

/** Null: never saved, or not understood. */
export function readSavedWindow(file: string): SavedWindow | null {
  try {
    return savedSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return null;
  }
}

/** Written when the window closes; one that a full disk does not take costs the place of a window and nothing else. */
export function saveWindow(file: string, saved: SavedWindow): void {
  try {
    writeFileSync(file, JSON.stringify(saved), { mode: 0o600 });
  } catch {
    // Thrown out of a window's closing, it would be an error of the whole application.
  }
}
