import { z } from 'zod';

/** How tiles are arranged: so many equal ones, or one large and five small. */
export const layouts = ['1', '4', '9', '16', '1+5'] as const;
export type Layout = (typeof layouts)[number];

/** Windows that show the wall, each with its own layout and page: `main`, and those beside it by number. */
export const mainScreen = 'main';
export const mostScreens = 8;
const screenName = z.string().regex(/^(main|[2-9])$/);

export const screenViewSchema = z.strictObject({
  /** Null: as many tiles as there are cameras. */
  layout: z.enum(layouts).nullable(),
  /** Only cameras of this group; null: all. */
  group: z.string().min(1).max(60).nullable(),
  page: z.int().min(0).max(999),
});
/** What one window shows of the wall. */
export type ScreenView = Readonly<z.infer<typeof screenViewSchema>>;

export const wholeWall: ScreenView = { layout: null, group: null, page: 0 };

const order = z.array(z.string().min(1).max(200)).max(1000);

export const wallSchema = z.strictObject({
  /** Cameras as an operator arranged them; others come after them, oldest first. */
  order,
  screens: z.record(screenName, screenViewSchema),
});
export interface Wall {
  readonly order: readonly string[];
  readonly screens: Readonly<Record<string, ScreenView>>;
}

export const emptyWall: Wall = { order: [], screens: {} };

/** What one window changes; the rest stays as the others have it. */
export const wallChangeSchema = z.strictObject({
  order: order.optional(),
  screen: z.strictObject({ name: screenName, view: screenViewSchema }).optional(),
});
export interface WallChange {
  readonly order?: readonly string[] | undefined;
  readonly screen?: { readonly name: string; readonly view: ScreenView } | undefined;
}

export function changedWall(wall: Wall, { order, screen }: WallChange): Wall {
  return {
    order: order === undefined ? wall.order : [...new Set(order)],
    screens: screen === undefined ? wall.screens : { ...wall.screens, [screen.name]: screen.view },
  };
}
