/** Forms of other tools' files: each library is loaded when a file of its form is read. */
import type { Forms } from '../domain/ports.js';

export function forms(): Forms {
  return {
    xml: async (text, name) => (await import('./xml-document.js')).xmlDocument(text, name),
    async *unzip(bytes, name, limits) {
      yield* (await import('./zip-archive.js')).unzip(bytes, name, limits);
    },
  };
}
