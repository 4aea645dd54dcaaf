/** franc: trigrams against those of 187 languages. Its best guess scores 1, the others in proportion. */
import { francAll } from 'franc';

/** Languages, the likeliest first, with a score in 0..1. */
export function ranked(text) {
  return francAll(text, { minLength: 3 }).filter(([language]) => language !== 'und').map(([language, score]) => ({ language, score }));
}
