/** The trust layers whose pacts agentctl reads and writes. */
import { Fault } from '../../domain/fault.js';

/** @throws {Fault} USAGE for any but `armalo` */
export function refuseForeign(flag: '--for' | '--from', name: unknown): void {
  if (name !== 'armalo') throw new Fault('USAGE', `${flag} "${String(name)}" is not known`, { at: flag, hint: `${flag} armalo` });
}
