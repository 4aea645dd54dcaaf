/** What is said when the answer itself cannot be written, such as on a full disk: the reason, on standard error if that takes it. */
import { Fault, type Exit } from '../domain/fault.js';
import type { FaultView } from '../domain/report.js';
import { fault } from '../views/human/fault.js';
import { paintFor } from '../views/human/palette.js';
import type { Surface } from '../views/render.js';
import { visibleData } from '../views/visible-data.js';

/** @throws what is no Fault: a defect of ours */
export async function tellUnwritten(cause: unknown, err: (text: string) => Promise<unknown>, surface: Surface): Promise<Exit> {
  if (!(cause instanceof Fault)) throw cause;
  await unlessFull(async () => err(fault(visibleData(viewOf(cause)), { width: surface.width, paint: await paintFor(surface.colour) })));
  return cause.exit;
}

/** The exit status alone has to tell what no stream takes. */
export async function unlessFull(tell: () => Promise<unknown>): Promise<void> {
  try {
    await tell();
  } catch (cause) {
    if (!(cause instanceof Fault)) throw cause;
  }
}

export function viewOf({ code, message, hint, at, details }: Fault): FaultView {
  return { code, message, hint: hint ?? null, at: at ?? null, details };
}
