import { NightshiftError } from '../../shared/errors.ts';

/**
 * Which files of a scanned folder are looked at, by patterns of their path inside it: `*` any characters of one name,
 * `?` one of them, `[a-f]` one of a set and `[!a-f]` one outside of it, `{jpg,png}` one of several words, `**` any
 * folders or none. A pattern without a slash fits a name at any depth, one with a slash the path from the scanned folder
 * on, one that ends with a slash everything in such a folder. Upper and lower case are the same: cameras write IMG_1.JPG.
 *
 * No pattern takes more steps than its length times that of the path: they come from outside, and a regular expression
 * made of one could take for ever.
 */
export class PathFilter {
  readonly #include: readonly PathPattern[];
  readonly #exclude: readonly PathPattern[];
  readonly #within: readonly PathPattern[] | null;

  /**
   * @param include none: all files.
   * @param within a pattern of the whole path below the scanned folder that files have to fit too; null: none.
   * @throws NightshiftError `bad-input` that names the pattern
   */
  constructor(include: readonly string[], exclude: readonly string[], within: string | null = null) {
    this.#include = include.flatMap(compile);
    this.#exclude = exclude.flatMap(compile);
    this.#within = within === null ? null : compileFromRoot(within, within);
  }

  /** @param path names from the scanned folder to the file, without the folder's own. */
  takesFile(path: readonly string[]): boolean {
    const names = path.map(folded);
    return (
      (this.#within === null || fitsOne(this.#within, names)) &&
      (this.#include.length === 0 || fitsOne(this.#include, names)) &&
      !fitsOne(this.#exclude, names)
    );
  }

  /** False: nothing in this folder, at whatever depth, can be taken. */
  entersFolder(path: readonly string[]): boolean {
    const names = path.map(folded);
    return (
      (this.#within === null || this.#within.some((pattern) => mayFitBelow(pattern, names))) &&
      (this.#include.length === 0 || this.#include.some((pattern) => mayFitBelow(pattern, names))) &&
      !fitsOne(this.#exclude, names)
    );
  }
}

export const everyFile = new PathFilter([], []);

/** Whether a path that somebody named may stand for many. */
export const isPattern = (path: string): boolean => /[*?[{]/.test(path);

type Sign = (sign: string) => boolean;
/** One character of a name; null: any run of them. */
type NamePattern = readonly (Sign | null)[];
/** One name of a path; null: any run of folders. */
type PathPattern = readonly (NamePattern | null)[];

/** `{…}` stand for so many patterns at most. */
const mostWords = 200;

const folded = (name: string): string => name.normalize('NFC').toLowerCase();

function compile(pattern: string): PathPattern[] {
  // Without a slash inside, it is about a name wherever it is.
  const inner = pattern.replace(/^[\\/]|[\\/]$/g, '');
  const isPath = /[\\/]/.test(inner) || /^[\\/]/.test(pattern);
  const below = /[\\/]$/.test(pattern) ? '/**' : '';
  return compileFromRoot(`${isPath ? '' : '**/'}${inner}${below}`, pattern);
}

function compileFromRoot(path: string, written: string): PathPattern[] {
  return words(path, written).map((word) =>
    word
      .split(/[\\/]/)
      .filter((name) => name !== '' && name !== '.')
      .map((name) => (name === '**' ? null : compileName(folded(name), written))),
  );
}

/** Every choice of words in braces. */
function words(pattern: string, written: string): string[] {
  let choices = 1;
  for (const [, inner = ''] of pattern.matchAll(/\{([^{}]*)\}/g)) choices *= inner.split(',').length;
  if (choices > mostWords) throw notUnderstood(written, `its braces stand for more than ${String(mostWords)} words`);
  const open = pattern.search(/[{}]/);
  if (open < 0) return [pattern];
  const close = pattern.indexOf('}', open);
  const inner = pattern.slice(open + 1, close);
  if (close <= open || inner.includes('{')) throw notUnderstood(written, 'its braces do not match');
  const [before, after] = [pattern.slice(0, open), pattern.slice(close + 1)];
  return inner.split(',').flatMap((word) => words(before + word + after, written));
}

function compileName(name: string, written: string): NamePattern {
  const signs: (Sign | null)[] = [];
  for (let at = 0; at < name.length; at++) {
    const sign = name.charAt(at);
    if (sign === '*') signs.push(null);
    else if (sign === '?') signs.push(() => true);
    else if (sign !== '[') signs.push((other) => other === sign);
    else {
      const close = name.indexOf(']', at + 2);
      if (close < 0) throw notUnderstood(written, 'its brackets do not match');
      signs.push(setOf(name.slice(at + 1, close)));
      at = close;
    }
  }
  return signs;
}

function setOf(inner: string): Sign {
  const isOutside = inner.startsWith('!') || inner.startsWith('^');
  const members = isOutside ? inner.slice(1) : inner;
  const ranges: [from: string, to: string][] = [];
  for (let at = 0; at < members.length; at++) {
    const from = members.charAt(at);
    const isRange = members.charAt(at + 1) === '-' && at + 2 < members.length;
    ranges.push([from, isRange ? members.charAt(at + 2) : from]);
    if (isRange) at += 2;
  }
  return (sign) => ranges.some(([from, to]) => sign >= from && sign <= to) !== isOutside;
}

const fitsOne = (patterns: readonly PathPattern[], names: readonly string[]): boolean =>
  patterns.some((pattern) => fits(pattern, names, fitsName));

const fitsName = (pattern: NamePattern, name: string): boolean =>
  fits(pattern, name.split(''), (isOne, sign) => isOne(sign));

/** Whether a path that begins with these folders can fit. */
function mayFitBelow(pattern: PathPattern, folders: readonly string[]): boolean {
  for (const [index, name] of folders.entries()) {
    const one = pattern[index];
    if (one === null) return true;
    // The last name of a pattern is the file's own.
    if (one === undefined || index === pattern.length - 1 || !fitsName(one, name)) return false;
  }
  return true;
}

/** Whether all of `text` fits; null stands for any run of its elements. Only the last run is ever made longer. */
function fits<One, Element>(
  pattern: readonly (One | null)[],
  text: readonly Element[],
  isOne: (one: One, element: Element) => boolean,
): boolean {
  let [at, next, run, runTo] = [0, 0, -1, 0];
  while (next < text.length) {
    const one = pattern[at];
    if (one === null) {
      run = at++;
      runTo = next;
    } else if (one !== undefined && isOne(one, text[next] as Element)) {
      at += 1;
      next += 1;
    } else if (run >= 0) {
      at = run + 1;
      next = ++runTo;
    } else return false;
  }
  while (pattern[at] === null) at += 1;
  return at === pattern.length;
}

const notUnderstood = (pattern: string, why: string): NightshiftError =>
  new NightshiftError({
    kind: 'bad-input',
    message: `This pattern is not understood: ${why}.`,
    where: pattern,
    hint: 'Write it like *.jpg, yard/**/*.mp4 or {front,back}-*.png.',
  });
