/** The flags of the quick ways in, word by word as the command tree reads them; whatever is unusual is left to it. */

/** By the word: the option that it sets, and to what. */
export interface Words {
  readonly switches: Readonly<Record<string, readonly [option: string, value: boolean]>>;
  readonly values: Readonly<Record<string, string>>;
  /** Takes every word up to the next flag. */
  readonly lists: Readonly<Record<string, string>>;
}

/** Those of every command. */
const COMMON: Words = {
  switches: {
    '--json': ['json', true],
    '-y': ['yes', true], '--yes': ['yes', true],
    '--no-input': ['input', false],
    '-q': ['quiet', true], '--quiet': ['quiet', true],
    '-v': ['verbose', true], '--verbose': ['verbose', true],
    '--color': ['color', true], '--no-color': ['color', false],
  },
  values: { '--format': 'format' },
  lists: {},
};

/** @returns undefined when the command tree has to read the words: a question for help, an unusual spelling, or a mistake to be told */
export function optionsOf(words: readonly string[], own: Words): Readonly<Record<string, unknown>> | undefined {
  const options: Record<string, string | boolean | string[]> = {};
  const rest = [...words];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    const [toggled, to] = own.switches[word] ?? COMMON.switches[word] ?? [];
    const single = own.values[word] ?? COMMON.values[word];
    const list = own.lists[word];
    const value = toggled === undefined ? rest.shift() : undefined;
    if (toggled !== undefined && to !== undefined) options[toggled] = to;
    else if (value === undefined || value === '' || value.startsWith('-')) return undefined;
    else if (single !== undefined) options[single] = value;
    else if (list !== undefined) options[list] = [...((options[list] ?? []) as string[]), value, ...untilFlag(rest)];
    else return undefined;
  }
  return options;
}

function untilFlag(rest: string[]): readonly string[] {
  const end = rest.findIndex((word) => word.startsWith('-'));
  return rest.splice(0, end < 0 ? rest.length : end);
}
