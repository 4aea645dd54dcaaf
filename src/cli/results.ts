/** Tells a result line by line on standard output, in the format that was asked for. */
import type { LineFormat, ResultColumns, ResultLine, Results, Telling } from '../domain/ports.js';
import type { Surface } from '../views/render.js';
import type { OutputOptions } from './output.js';

/** Characters that are gathered before they are written, so that a long result is not a system call a line. */
const GATHERED = 32_768;

/** @param write answers whether anybody still reads */
export function results({ format, files }: Pick<OutputOptions, 'format' | 'files'>, write: (text: string) => Promise<boolean>, surface: () => Surface): Results {
  let begun = false;
  return {
    format,
    copied: files.length > 0,
    get begun() {
      return begun;
    },
    async begin(lines: LineFormat, columns: ResultColumns): Promise<Telling> {
      begun = true;
      const [{ lineView }, { canvasOf }] = await Promise.all([import('../views/lines.js'), import('../views/render.js')]);
      const view = lineView(lines, columns, await canvasOf(surface()));
      let held = view.head;
      let first = true;
      const flush = async (): Promise<boolean> => {
        const text = held;
        held = '';
        return write(text);
      };
      return {
        flush,
        async line(line: ResultLine) {
          held += view.line(line);
          // The first one shows at once that something was found.
          if (!first && held.length < GATHERED) return true;
          first = false;
          return flush();
        },
      };
    },
  };
}
