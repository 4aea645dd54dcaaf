/** The cases that every contender is asked: short questions whose answer is known, since the agent repeats them. */

/** @returns as many as asked for */
export function casesOf(count) {
  return Array.from({ length: count }, (_, index) => {
    const text = `question ${index}: what the agent is asked, it says`;
    return { id: `case-${index}`, input: { text }, expected: { text }, tags: [] };
  });
}
