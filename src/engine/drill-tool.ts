/** The tool that drills act with: it moves one file inside a scratch folder, so that a real gateway can be tried without any real effect. */
import { compilePolicy, type Policy } from '../enforcement/policy.js';
import type { TriggersSection } from '../enforcement/triggers.js';
import type { Capability, Tool } from '../domain/manifest.js';
import type { Session } from './session.js';

export const DRILL_CAPABILITY: Capability = { id: 'drill', description: 'Moves a file of the drill.', permissions: ['drill:move'], tools: ['drill_move'] };

/** Lies in the folder of the drill: the digest of the action must not depend on where agentctl is installed. */
const DRILL_SCRIPT = 'move.mjs';

/** Puts the tool into the folder of a drill. */
export async function placeDrillTool({ files, surroundings }: Session['world'], folder: string): Promise<void> {
  await files.write(`${folder}/${DRILL_SCRIPT}`, await files.read(`${surroundings.home}/templates/drill/${DRILL_SCRIPT}`));
}

/** A policy of the drill tool alone. @returns null when triggers are missing */
export function drillPolicy({ manifest, agent }: Pick<Session, 'manifest' | 'agent'>, triggers: TriggersSection): Policy | null {
  const tool: Tool = {
    name: 'drill_move', description: 'Moves one file of the drill.', command: ['node', DRILL_SCRIPT],
    input: { type: 'object', properties: { file: { type: 'string', pattern: '^[a-z]+\\.txt$' } }, required: ['file'], additionalProperties: false },
  };
  return compilePolicy({
    agent, tools: [tool], capabilities: [DRILL_CAPABILITY], operators: manifest.owner.operators,
    limits: { currency: 'USD', perTransaction: '0', perDay: '0', alwaysHuman: [], detectionDelay: 'P1D' },
    triggers,
  });
}
