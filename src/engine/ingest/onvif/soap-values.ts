/** What stands at a path of parsed SOAP, where every step may be a list of one; undefined: nothing does. */
export function valueAt(value: unknown, ...path: readonly string[]): unknown {
  let at: unknown = Array.isArray(value) ? value[0] : value;
  for (const name of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, name)) return undefined;
    at = (at as Readonly<Record<string, unknown>>)[name];
    if (Array.isArray(at)) at = at[0] as unknown;
  }
  return at;
}

export function listAt(value: unknown, ...path: readonly string[]): readonly unknown[] {
  const last = path[path.length - 1];
  const parent = valueAt(value, ...path.slice(0, -1));
  if (last === undefined || typeof parent !== 'object' || parent === null || !Object.hasOwn(parent, last)) return [];
  const found = (parent as Readonly<Record<string, unknown>>)[last];
  return Array.isArray(found) ? found : [found];
}

/** Cut to what a list can show. Devices write what they like. */
export function textAt(value: unknown, ...path: readonly string[]): string | null {
  const found = valueAt(value, ...path);
  const text = typeof found === 'object' && found !== null ? valueAt(found, '_') : found;
  if (typeof text !== 'string' && typeof text !== 'number') return null;
  const trimmed = String(text).trim();
  return trimmed === '' ? null : trimmed.slice(0, 2_048);
}

export function numberAt(value: unknown, ...path: readonly string[]): number | null {
  const number = Number(textAt(value, ...path) ?? Number.NaN);
  return Number.isFinite(number) && number > 0 ? number : null;
}
