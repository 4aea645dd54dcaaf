/** Stands in the bundle for what opens a text editor (see package.json): no question of ours is answered in one, and the character sets behind it are half a megabyte to read at each start. */

/** In the place of `editAsync` of @inquirer/external-editor. */
export function editAsync(): never {
  throw new Error('no question is answered in an editor');
}
