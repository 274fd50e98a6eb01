import type { Layout, ScreenView } from '../../shared/domain/wall.ts';

export const tilesOf: Readonly<Record<Layout, number>> = { '1': 1, '4': 4, '9': 9, '16': 16, '1+5': 6 };
const columnsOf: Readonly<Record<Layout, number>> = { '1': 1, '4': 2, '9': 3, '16': 4, '1+5': 3 };

/** What is arranged on the wall. */
export interface WallCamera {
  readonly id: string;
  /** Empty: none. */
  readonly group: string;
}

export interface WallTile<C> {
  readonly camera: C;
  /** Two places wide and high. */
  readonly isLarge: boolean;
  /** Shown at the camera's own rate and size. */
  readonly isFocused: boolean;
}

export interface WallPlan<C> {
  readonly layout: Layout;
  readonly columns: number;
  readonly rows: number;
  readonly tiles: readonly WallTile<C>[];
  /** Places of a chosen layout that no camera fills. */
  readonly emptyPlaces: number;
  readonly page: number;
  readonly pages: number;
  /** Of how many cameras the page begins after, and of how many there are. */
  readonly before: number;
  readonly all: number;
}

/** As the operator arranged them; those that were never moved come last, in the order given. */
export function inOrder<C extends WallCamera>(cameras: readonly C[], order: readonly string[]): readonly C[] {
  const place = new Map(order.map((id, index) => [id, index]));
  const placeOf = ({ id }: C): number => place.get(id) ?? order.length;
  return cameras.toSorted((a, b) => placeOf(a) - placeOf(b));
}

export const groupsOf = (cameras: readonly WallCamera[]): readonly string[] =>
  [...new Set(cameras.map(({ group }) => group).filter((group) => group !== ''))].sort((a, b) => a.localeCompare(b));

/** The smallest of equal tiles that shows all, and 16 with pages where there are more. */
export function automaticLayout(cameras: number): Layout {
  if (cameras <= 1) return '1';
  if (cameras <= 4) return '4';
  return cameras <= 9 ? '9' : '16';
}

/** What a window shows. A group or page that is gone gives way to what there is. */
export function wallPlan<C extends WallCamera>(
  cameras: readonly C[],
  view: ScreenView,
  order: readonly string[],
): WallPlan<C> {
  const group = view.group !== null && groupsOf(cameras).includes(view.group) ? view.group : null;
  const wanted = inOrder(cameras, order).filter((camera) => group === null || camera.group === group);
  const layout = view.layout ?? automaticLayout(wanted.length);
  const perPage = tilesOf[layout];
  const pages = Math.max(1, Math.ceil(wanted.length / perPage));
  const page = Math.min(view.page, pages - 1);
  const shown = wanted.slice(page * perPage, (page + 1) * perPage);
  const columns = columnsOf[layout];
  // As many rows as the cameras fill, unless a layout was chosen: then its empty places show what it has room for.
  const isChosen = view.layout !== null;
  return {
    layout,
    columns,
    rows: isChosen ? columns : Math.max(1, Math.min(columns, Math.ceil(shown.length / columns))),
    tiles: shown.map((camera, place) => ({
      camera,
      isLarge: layout === '1+5' && place === 0,
      isFocused: layout === '1' || (layout === '1+5' && place === 0),
    })),
    emptyPlaces: isChosen ? perPage - shown.length : 0,
    page,
    pages,
    before: page * perPage,
    all: wanted.length,
  };
}

/** `id` takes the place of `target`, and those between move up by one. */
export function moved(order: readonly string[], id: string, target: string): readonly string[] {
  const from = order.indexOf(id);
  const to = order.indexOf(target);
  if (from < 0 || to < 0 || from === to) return order;
  const others = order.filter((other) => other !== id);
  return [...others.slice(0, to), id, ...others.slice(to)];
}

export type Direction = 'left' | 'right' | 'up' | 'down';

/** The tile that lies next in a direction; null: there is none. */
export function neighbour<C>({ columns, tiles }: WallPlan<C>, from: number, direction: Direction): number | null {
  const places = placesOf(columns, tiles);
  const start = places[from];
  if (start === undefined) return null;
  let nearest: { readonly index: number; readonly cost: number } | null = null;
  for (const [index, place] of places.entries()) {
    const { along, across } = distance(start, place, direction);
    // Straight ahead counts more than near: a tile beside the line is taken only where nothing lies on it.
    const cost = along + 3 * across;
    const isBeyond = along >= (start.size + place.size) / 2;
    if (isBeyond && (nearest === null || cost < nearest.cost)) nearest = { index, cost };
  }
  return nearest?.index ?? null;
}

/** The middle of a tile and its side, in cells. */
interface Place {
  readonly x: number;
  readonly y: number;
  readonly size: number;
}

/** As the grid places them one after the other around the large one. */
function placesOf(columns: number, tiles: readonly WallTile<unknown>[]): readonly Place[] {
  const places: Place[] = [];
  const taken = new Set<string>();
  let cell = 0;
  for (const { isLarge } of tiles) {
    while (taken.has(nameOf(cell, columns))) cell += 1;
    const x = cell % columns;
    const y = Math.floor(cell / columns);
    const size = isLarge ? 2 : 1;
    for (let dx = 0; dx < size; dx++)
      for (let dy = 0; dy < size; dy++) taken.add(`${String(x + dx)},${String(y + dy)}`);
    places.push({ x: x + size / 2, y: y + size / 2, size });
  }
  return places;
}

const nameOf = (cell: number, columns: number): string =>
  `${String(cell % columns)},${String(Math.floor(cell / columns))}`;

function distance(from: Place, to: Place, direction: Direction): { along: number; across: number } {
  const dx = to.x - from.x;
  const dy = to.y - from.y;
  switch (direction) {
    case 'left':
      return { along: -dx, across: Math.abs(dy) };
    case 'right':
      return { along: dx, across: Math.abs(dy) };
    case 'up':
      return { along: -dy, across: Math.abs(dx) };
    case 'down':
      return { along: dy, across: Math.abs(dx) };
  }
}
