/** The two standard streams: text that gets out whole, and how wide and how colourful it may be. */
import { colourLevel, streamInfo, type ColourFlag, type ColourLevel } from './terminal.js';

/** @returns whether anybody still reads */
export function out(text: string): Promise<boolean> {
  return write(process.stdout, text);
}

export function err(text: string): Promise<boolean> {
  return write(process.stderr, text);
}

export function canvas(stream: 'out' | 'err', color: ColourFlag): { readonly width: number; readonly colour: ColourLevel } {
  const to = stream === 'out' ? process.stdout : process.stderr;
  return { width: to.columns ?? 80, colour: colourLevel(streamInfo(to), process.env, color) };
}

/**
 * A reader who left early (`agentctl … | head`) is no failure. Returns how to stop looking away.
 * @param names streams that are written to: node makes each when it is first named, which takes longer than a short answer
 */
export function ignoreClosedPipes(names: readonly ('stdout' | 'stderr')[] = ['stdout', 'stderr']): () => void {
  for (const name of names) process[name].on('error', ignoreClosedPipe);
  return () => {
    for (const name of names) process[name].off('error', ignoreClosedPipe);
  };
}

/** Waits until the text is out: a pipe may be slow, and nothing may be cut short. @returns whether anybody still reads */
function write(stream: NodeJS.WriteStream, text: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    stream.write(text, (error: (Error & { code?: string }) | null | undefined) => (error && !GONE.includes(error.code ?? '') ? reject(error) : resolve(!error)));
  });
}

/** What a write says when nobody reads any more: at first, and then for ever. */
const GONE: readonly string[] = ['EPIPE', 'ERR_STREAM_DESTROYED'];

function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}
