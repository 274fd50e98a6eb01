/** Written by no word of the catalogue, so that a word that is long already is known. */
const padding = 'äöü';
const longer = 0.35;
/** The same in every language. */
const units = new Set(['ms', 's', 'min', 'h', 'd', 'fps', 'kB', 'MB', 'GB', 'TB', 'PB', 'kWh', 'px']);
const word = /\p{L}[\p{L}’'-]*/gu;

/**
 * The text as long as German makes it: 35 % more letters, at the ends of its words, so that those become as long as they do
 * there. Numbers and units stay, and so does what was made longer before it became a part of another text.
 */
export function longText(text: string): string {
  let owed = 0;
  return text.replace(word, (found) => {
    if (units.has(found) || padding.includes(found.at(-1) ?? '')) return found;
    owed += found.length * longer;
    const now = Math.round(owed);
    owed -= now;
    return found + Array.from({ length: now }, (_, index) => padding[index % padding.length]).join('');
  });
}

/** A catalogue with every text of it made longer, also those that its functions make. */
export function longWords<Words>(words: Words): Words {
  return lengthened(words) as Words;
}

function lengthened(part: unknown): unknown {
  if (typeof part === 'string') return longText(part);
  if (typeof part === 'function') {
    const say = part as (...values: unknown[]) => unknown;
    return (...values: unknown[]) => lengthened(say(...values));
  }
  if (Array.isArray(part)) return part.map(lengthened);
  if (typeof part !== 'object' || part === null) return part;
  return Object.fromEntries(Object.entries(part).map(([key, inner]) => [key, lengthened(inner)]));
}
