/** The link of the sign-offs: did the people who have to sign off exactly this candidate, each with a key that was his at the time? */
import { combineExits, EXIT, Fault, type Exit } from '../domain/fault.js';
import type { LinkView } from '../domain/report.js';
import { readable, type Instant } from '../domain/time.js';
import type { Standing } from '../identity/key-history.js';
import { link, yes } from './certificate-links.js';
import { SIGN_OFF, SIGN_OFF_ROLES, type Certified } from './certificate.js';
import type { Envelope } from './dsse.js';
import { inRole, openAct, type HumanAct } from './human-act.js';
import { people } from './policy.js';
import { SILENT } from './succession.js';

/** How a person's key stands at a time, by all that certificate and reader know of its end. */
export type Standings = (did: string, at: Instant) => Standing;

type SignedOff = Pick<Certified, 'signOffs' | 'candidate' | 'agent' | 'quorum'>;

interface Problem {
  readonly because: string;
  readonly exit: Exit;
}

/** Whose keys these are is the issuer's word; that one was withdrawn is told by whoever withdrew it. */
export async function signOffsLink(certified: SignedOff, standings: Standings): Promise<{ readonly view: LinkView; readonly acts: readonly HumanAct[] }> {
  const acts: HumanAct[] = [];
  const problems: Problem[] = [];
  for (const envelope of certified.signOffs) {
    const found = await openSignOff(envelope, certified, standings);
    if ('because' in found) problems.push(found);
    else acts.push(found);
  }
  const worst = combineExits(problems.map((one) => one.exit));
  const problem = problems.find((one) => one.exit === worst);
  if (problem) return { view: link('sign-offs', 'no', problem.because, problem.exit), acts };
  const missing = missingSignOff(certified, acts);
  if (missing !== undefined) return { view: link('sign-offs', 'no', missing, EXIT.no), acts };
  const signed = acts.filter(inRole(SIGN_OFF_ROLES)).map((act) => `${act.operator.name} (${act.roles.join(', ')}, ${act.ceremony})`);
  return { view: yes('sign-offs', `signed off by ${signed.join('; ')}`), acts };
}

async function openSignOff(envelope: Envelope, { candidate, agent }: SignedOff, standings: Standings): Promise<HumanAct | Problem> {
  try {
    const { act, subject } = await openAct(envelope);
    if (act.act !== SIGN_OFF || subject !== candidate || act.agent.id !== agent.id) return { because: `${act.operator.name} signed something else`, exit: EXIT.untrustworthy };
    return silence(act, standings(act.operator.did, act.at)) ?? act;
  } catch (error) {
    if (error instanceof Fault) return { because: `a sign-off does not hold: ${error.message}`, exit: EXIT.untrustworthy };
    throw error;
  }
}

/** As with the organisation's key: stolen is an answer, and a signature outside the time of its key is not its owner's. */
function silence({ operator, at }: HumanAct, standing: Standing): Problem | undefined {
  if (standing === 'valid' || standing === 'stranger') return undefined;
  return { because: `the sign-off of ${operator.name} does not count: ${SILENT[standing](operator.did, readable(at))}`, exit: standing === 'compromised' ? EXIT.no : EXIT.untrustworthy };
}

/** What the quorum of agent.yaml still lacks; without one, somebody who may. */
function missingSignOff({ quorum }: SignedOff, acts: readonly HumanAct[]): string | undefined {
  const { count, roles, each } = quorum ?? { count: 1, roles: SIGN_OFF_ROLES, each: false };
  const fitting = acts.filter(inRole(roles));
  if (fitting.length === 0) return `nobody of ${roles.join(' or ')} signed off`;
  const absent = each ? roles.filter((role) => !fitting.some(inRole([role]))) : [];
  if (absent.length > 0) return `nobody of ${absent.join(', nobody of ')} signed off`;
  return people(fitting) < count ? `${people(fitting)} of ${roles.join(' or ')} signed off, agent.yaml asks for ${count}` : undefined;
}
