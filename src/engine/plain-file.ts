/** A file that a flag names: one that is not there is told apart from what is there but is no file, such as a device or a folder. */
import { Fault, type FaultCode } from '../domain/fault.js';
import type { FileInfo, World } from '../domain/ports.js';

/** @throws {Fault} INPUT_INVALID for what is no regular file; `missing.code` when nothing is there */
export async function plainFile({ files }: Pick<World, 'files'>, path: string, missing: { readonly code: FaultCode; readonly what: string; readonly given: string; readonly hint: string }): Promise<FileInfo> {
  const { code, what, given, hint } = missing;
  const info = await files.info(path);
  if (info === undefined) throw new Fault(code, `there is no ${what} at ${given}`, { at: given, hint });
  if (info.kind !== 'file') throw new Fault('INPUT_INVALID', `${given} is not a regular file, so it holds no ${what}`, { at: given, hint });
  return info;
}
