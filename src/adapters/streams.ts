/** The two standard streams: text that gets out whole, and how wide and how colourful it may be. */
import { colourLevel, streamInfo, type ColourFlag, type ColourLevel } from './terminal.js';

export function out(text: string): Promise<void> {
  return write(process.stdout, text);
}

export function err(text: string): Promise<void> {
  return write(process.stderr, text);
}

export function canvas(stream: 'out' | 'err', color: ColourFlag): { readonly width: number; readonly colour: ColourLevel } {
  const to = stream === 'out' ? process.stdout : process.stderr;
  return { width: to.columns ?? 80, colour: colourLevel(streamInfo(to), process.env, color) };
}

/** A reader who left early (`agentctl … | head`) is no failure. Returns how to stop looking away. */
export function ignoreClosedPipes(): () => void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', ignoreClosedPipe);
  return () => {
    for (const stream of [process.stdout, process.stderr]) stream.off('error', ignoreClosedPipe);
  };
}

/** Waits until the text is out: a pipe may be slow, and nothing may be cut short. */
function write(stream: NodeJS.WriteStream, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(text, (error) => (error && (error as NodeJS.ErrnoException).code !== 'EPIPE' ? reject(error) : resolve()));
  });
}

function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}
