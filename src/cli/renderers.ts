/** Pages that the engine asks for and the views make: loaded when the first one is asked for. */
import type { Renderers } from '../domain/ports.js';

export const renderers: Renderers = {
  review: async (data) => (await import('../views/documents.js')).reviewPages(data),
};
