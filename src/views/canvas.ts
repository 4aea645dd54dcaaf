/** What a report is drawn on: named styles, a width, and the time by which ages are told. */
import type { Instant } from '../domain/time.js';
import type { Tone } from './marks.js';

/** The eight styles: five tones, and three for the furniture. */
export type StyleName = Tone | 'title' | 'strong' | 'command';
export type Paint = { readonly [S in StyleName]: (text: string) => string };

export interface Canvas {
  readonly paint: Paint;
  /** Columns to fill at most; what cannot be broken, such as a command, may run over. */
  readonly width: number;
  /** When given, evidence is shown with its age. */
  readonly now?: Instant;
}
