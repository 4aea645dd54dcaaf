/** tinyld: words and n-grams of 62 languages. */
import { detectAll, toISO3 } from 'tinyld';

/** Languages, the likeliest first, with a score in 0..1. */
export function ranked(text) {
  return detectAll(text).map(({ lang, accuracy }) => ({ language: toISO3(lang), score: accuracy }));
}
