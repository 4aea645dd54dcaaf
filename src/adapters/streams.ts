/** The two standard streams: text that gets out whole, and how wide and how colourful it may be. */
import type { Fault } from '../domain/fault.js';
import { ioFault } from './file-fault.js';
import { colourLevel, streamInfo, type ColourFlag, type ColourLevel } from './terminal.js';

/** @returns whether anybody still reads @throws {Fault} IO when the text does not fit where it goes, such as on a full disk */
export function out(text: string): Promise<boolean> {
  return write('stdout', text);
}

/** @returns whether anybody still reads @throws {Fault} IO as {@link out} */
export function err(text: string): Promise<boolean> {
  return write('stderr', text);
}

export function canvas(stream: 'out' | 'err', color: ColourFlag): { readonly width: number; readonly colour: ColourLevel } {
  const to = stream === 'out' ? process.stdout : process.stderr;
  return { width: to.columns ?? 80, colour: colourLevel(streamInfo(to), process.env, color) };
}

/**
 * What goes wrong with a stream is told by the write that it happened to; node would end the process besides. Returns how to stop.
 * @param names streams that are written to: node makes each when it is first named, which takes longer than a short answer
 */
export function leaveErrorsToWrites(names: readonly StreamName[] = ['stdout', 'stderr']): () => void {
  for (const name of names) process[name].on('error', told);
  return () => {
    for (const name of names) process[name].off('error', told);
  };
}

function told(): void {
  // By the write.
}

type StreamName = 'stdout' | 'stderr';
const PLACES = { stdout: 'standard output', stderr: 'standard error' } as const satisfies Record<StreamName, string>;
/** Why a stream takes nothing any more: after a gap, what follows would be another answer, and what it says to a later write is only that it is closed. */
const failed = new Map<StreamName, Fault>();

/** Waits until the text is out: a pipe may be slow, and nothing may be cut short. A reader who left early (`agentctl … | head`) is no failure. */
function write(name: StreamName, text: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    process[name].write(text, (error: (Error & { code?: string }) | null | undefined) => {
      if (error && !GONE.includes(error.code ?? '') && !failed.has(name)) failed.set(name, ioFault('write to', PLACES[name], error));
      const fault = failed.get(name);
      if (fault) reject(fault);
      else resolve(!error);
    });
  });
}

/** What a write says when nobody reads any more: at first, and then for ever. */
const GONE: readonly string[] = ['EPIPE', 'ERR_STREAM_DESTROYED'];
