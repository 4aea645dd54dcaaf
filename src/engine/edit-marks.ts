/** The marks `# EDIT` of a template: lines of agent.yaml that nobody has made their own yet. */

/** Numbers of the marked lines, from 1. */
export function markedLines(text: string): readonly number[] {
  return text.split('\n').flatMap((line, index) => (/# EDIT\b/.test(line) ? [index + 1] : []));
}

/** One sentence while there are marks, none after. */
export function editWarnings(text: string): readonly string[] {
  const count = markedLines(text).length;
  if (count === 0) return [];
  return [count === 1 ? '1 line of agent.yaml is still marked # EDIT' : `${count} lines of agent.yaml are still marked # EDIT`];
}
