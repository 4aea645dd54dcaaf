/** Naive Bayes over the presence of words: training counts, scoring adds. */

/** A word seen in fewer mails says more about those mails than about spam. */
const LEAST_MAILS = 4;
const SMOOTHING = 0.5;

/**
 * Weight of evidence of each word for spam, in natural-log units; rounded, so that the file is the same everywhere.
 * @param {Iterable<{words: string[], spam: boolean}>} mails
 */
export function train(mails) {
  const counts = new Map();
  const total = { spam: 0, ham: 0 };
  for (const { words, spam } of mails) {
    const kind = spam ? 'spam' : 'ham';
    total[kind] += 1;
    for (const word of words) {
      const count = counts.get(word) ?? { spam: 0, ham: 0 };
      count[kind] += 1;
      counts.set(word, count);
    }
  }
  const share = (count, kind) => (count[kind] + SMOOTHING) / (total[kind] + 2 * SMOOTHING);
  const weights = {};
  for (const [word, count] of [...counts].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (count.spam + count.ham >= LEAST_MAILS) weights[word] = Number(Math.log(share(count, 'spam') / share(count, 'ham')).toFixed(4));
  }
  return { mails: total, weights };
}

/**
 * Evidence for spam, divided by the root of the number of known words: the words of one mail are not independent,
 * so the plain sum would be surer of a long mail than it has reason to be.
 */
export function evidence(model, words) {
  // Own properties only: "constructor" is a word too.
  const known = words.filter((word) => Object.hasOwn(model.weights, word));
  const sum = known.reduce((total, word) => total + model.weights[word], 0);
  return known.length === 0 ? 0 : sum / Math.sqrt(known.length);
}
