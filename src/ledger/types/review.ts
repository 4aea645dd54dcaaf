/** Entry types of reviews: the schema of `data` by type. */

export const reviewTypes = {} as const;
