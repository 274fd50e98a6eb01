import { describe, expect, it } from 'vitest';
import { wholeWall, type ScreenView } from '../../shared/domain/wall.ts';
import { automaticLayout, groupsOf, inOrder, moved, neighbour, wallPlan, type WallCamera } from './wall-plan.ts';

const cameras = (count: number): WallCamera[] =>
  Array.from({ length: count }, (_, index) => ({
    id: `c${String(index + 1)}`,
    group: index % 2 === 0 ? 'Yard' : 'Gate',
  }));
const ids = (all: readonly WallCamera[]): string[] => all.map(({ id }) => id);
const plan = (count: number, view: Partial<ScreenView> = {}, order: readonly string[] = []) =>
  wallPlan(cameras(count), { ...wholeWall, ...view }, order);
const shown = (...args: Parameters<typeof plan>): string[] => ids(plan(...args).tiles.map(({ camera }) => camera));

describe('order', () => {
  it('arranged cameras come first, then the others as they were added; removed ones leave no hole', () => {
    expect(ids(inOrder(cameras(4), ['c3', 'gone', 'c1']))).toEqual(['c3', 'c1', 'c2', 'c4']);
  });

  it('a moved camera takes the place of the one it is dropped on', () => {
    const order = ['a', 'b', 'c', 'd'];
    expect(moved(order, 'a', 'c')).toEqual(['b', 'c', 'a', 'd']);
    expect(moved(order, 'd', 'b')).toEqual(['a', 'd', 'b', 'c']);
    expect(moved(order, 'b', 'b')).toEqual(order);
    expect(moved(order, 'b', 'gone')).toEqual(order);
    expect(moved(order, 'd', 'a')).toEqual(['d', 'a', 'b', 'c']);
  });

  it('a move keeps every camera, whatever is moved where', () => {
    const order = ids(cameras(7));
    for (const id of order)
      for (const target of order) {
        const next = moved(order, id, target);
        expect(next.toSorted()).toEqual(order.toSorted());
        expect(next.indexOf(id)).toBe(order.indexOf(target));
      }
  });
});

describe('pages', () => {
  it('the layout follows the cameras until one is chosen', () => {
    expect([0, 1, 2, 4, 5, 9, 10, 64].map(automaticLayout)).toEqual(['1', '1', '4', '4', '9', '9', '16', '16']);
    expect(plan(5)).toMatchObject({ layout: '9', columns: 3, rows: 2, emptyPlaces: 0, pages: 1, all: 5 });
    expect(plan(5, { layout: '16' })).toMatchObject({ columns: 4, rows: 4, emptyPlaces: 11 });
    expect(plan(0)).toMatchObject({ rows: 1, pages: 1, all: 0, tiles: [] });
  });

  it('more cameras than tiles are turned page by page, each camera on one page', () => {
    const pages = [0, 1, 2, 3, 4].map((page) => shown(18, { layout: '4', page }));
    expect(pages.map(({ length }) => length)).toEqual([4, 4, 4, 4, 2]);
    expect(pages.flat()).toEqual(ids(cameras(18)));
    expect(plan(18, { layout: '4', page: 3 })).toMatchObject({ page: 3, pages: 5, before: 12, all: 18 });
  });

  it('a page that is gone gives way to the last one', () => {
    expect(plan(5, { layout: '4', page: 9 })).toMatchObject({ page: 1, emptyPlaces: 3 });
  });

  it('a group shows its own cameras in the order of all; one that is gone shows all', () => {
    expect(groupsOf([...cameras(3), { id: 'x', group: '' }])).toEqual(['Gate', 'Yard']);
    expect(shown(6, { group: 'Gate' }, ['c4', 'c1'])).toEqual(['c4', 'c2', 'c6']);
    expect(shown(3, { group: 'Attic' })).toEqual(['c1', 'c2', 'c3']);
  });
});

describe('the focused tile', () => {
  it('is the only one, or the large one of 1 + 5', () => {
    const focused = (layout: ScreenView['layout']): boolean[] =>
      plan(6, { layout }).tiles.map(({ isFocused }) => isFocused);
    expect(focused('1')).toEqual([true]);
    expect(focused('1+5')).toEqual([true, false, false, false, false, false]);
    expect(focused('9').some(Boolean)).toBe(false);
  });
});

describe('the next tile', () => {
  const steps = (layout: ScreenView['layout'], from: number, count = 16): (number | null)[] =>
    (['left', 'right', 'up', 'down'] as const).map((direction) => neighbour(plan(count, { layout }), from, direction));

  it('in a grid', () => {
    expect(steps('9', 4)).toEqual([3, 5, 1, 7]);
    expect(steps('16', 0)).toEqual([null, 1, null, 4]);
    expect(steps('9', 8)).toEqual([7, null, 5, null]);
  });

  it('around the large one', () => {
    // 0 0 1
    // 0 0 2
    // 3 4 5
    expect(steps('1+5', 0)).toEqual([null, 1, null, 3]);
    expect(steps('1+5', 2)).toEqual([0, null, 1, 5]);
    expect(steps('1+5', 4)).toEqual([3, 5, 0, null]);
  });

  it('where the last row is not full', () => {
    expect(steps('4', 1, 3)).toEqual([0, null, null, 2]);
    expect(steps('4', 7)).toEqual([null, null, null, null]);
  });
});
