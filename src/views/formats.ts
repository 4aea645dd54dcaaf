/** The formats of an answer, by name. Imports nothing, since every start reads it. */
export const FORMAT_NAMES = ['human', 'json', 'markdown', 'junit', 'sarif', 'html'] as const;
export type FormatName = (typeof FORMAT_NAMES)[number];
