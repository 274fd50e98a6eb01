import { en, type Words } from './en.ts';
import { longWords } from './long-words.ts';

/** With `long` kept here, every text is as long as German makes it: for looking whether it still has its place. */
const lengthKey = 'nightshift.words';

function wantsLong(): boolean {
  try {
    return typeof localStorage !== 'undefined' && localStorage.getItem(lengthKey) === 'long';
  } catch {
    // Storage is off: there is nothing to ask for.
    return false;
  }
}

/** The catalogue in use. */
export const words: Words = wantsLong() ? longWords(en) : en;
