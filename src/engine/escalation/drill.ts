/** The escalation drill: a real tool moves a real file in a scratch folder, and only the file system says whether it waited. */
import type { ActionProposal } from '../../enforcement/action.js';
import { approvalOf, approvalSubject, type Approval } from '../../enforcement/approvals.js';
import type { TriggersSection } from '../../enforcement/triggers.js';
import { executeAction, type ActionResult } from '../../enforcement/gateway/execute.js';
import type { GatewayContext, GatewayPorts } from '../../enforcement/gateway/facts.js';
import { digestBytes, short, type Digest } from '../../domain/digest.js';
import { Fault } from '../../domain/fault.js';
import type { JsonObject } from '../../domain/json.js';
import type { Operator } from '../../domain/manifest.js';
import type { Clock, Store, StoredBlob } from '../../domain/ports.js';
import { addDuration, type Instant } from '../../domain/time.js';
import { DRILL_CAPABILITY, drillPolicy, placeDrillTool } from '../drill-tool.js';
import { APPROVE, authenticator } from '../gateway.js';
import { performAct, type SignedAct } from '../human-act.js';
import { withScratch } from '../scratch.js';
import type { Session } from '../session.js';

export type Execute = typeof executeAction;

export interface Drill {
  readonly results: {
    readonly beforeApproval: 'not-moved' | 'moved';
    readonly afterApproval: 'moved-once' | 'not-moved' | 'moved-again';
    readonly replay: Refused;
    readonly changed: Refused;
    readonly forged: Refused;
    readonly expired: Refused;
  };
  readonly signed: SignedAct | null;
  readonly subject: Digest | null;
  readonly milliseconds: number;
}
type Refused = 'refused' | 'let-through' | 'not-tried';

const FILES = ['approved', 'changed', 'forged', 'expired'] as const;
type File = (typeof FILES)[number];
const NOT_TRIED = { afterApproval: 'not-moved', replay: 'not-tried', changed: 'not-tried', forged: 'not-tried', expired: 'not-tried' } as const;

/**
 * Only the trigger under test is on, as agent.yaml has it: whatever else would ask a human must not hide that it is gone.
 * @param execute the gateway; handed in, so that a broken one can be shown to fail
 */
export async function drillEscalation(session: Session, as: string | undefined, execute: Execute = executeAction): Promise<Drill> {
  const { world: { clock } } = session;
  return withScratch(session, 'escalation', async (folder) => {
    const bench = await Bench.open(session, folder, execute);
    try {
      const started = clock.monotonic();
      const asked = await bench.propose('first', 'approved');
      const beforeApproval = (await bench.isWaiting('approved')) ? 'not-moved' : 'moved';
      if (beforeApproval === 'moved' || asked.approval === null) return { results: { ...NOT_TRIED, beforeApproval }, signed: null, subject: null, milliseconds: Math.round(clock.monotonic() - started) };
      const { signed, subject } = await bench.approve(asked.approval, as);
      const before = clock.monotonic();
      const changed = await bench.refusal('changed', await bench.propose('other-arguments', 'changed'));
      const afterApproval = await bench.runTwiceAtOnce();
      const replay = await bench.replay();
      const forged = await bench.forged(signed);
      const expired = await bench.expired(signed);
      return { results: { beforeApproval, afterApproval, replay, changed, forged, expired }, signed, subject, milliseconds: Math.round(clock.monotonic() - before) };
    } finally {
      await bench.store.close();
    }
  });
}

class Bench {
  readonly store: Store;
  readonly #session: Session;
  readonly #folder: string;
  readonly #execute: Execute;
  readonly #context: GatewayContext;

  static async open(session: Session, folder: string, execute: Execute): Promise<Bench> {
    const { files, stores } = session.world;
    await placeDrillTool(session.world, folder);
    for (const file of FILES) await files.write(`${folder}/inbox/${file}.txt`, `${file}\n`);
    await files.makeFolder(`${folder}/done`);
    return new Bench(session, folder, execute, await stores.open(`${folder}/ledger`, { readonly: false }));
  }

  private constructor(session: Session, folder: string, execute: Execute, store: Store) {
    const { manifest, agent } = session;
    const { doubt, approval } = manifest['triggers'] as unknown as TriggersSection;
    const policy = drillPolicy(session, { doubt, approval: { ...approval, quorum: 1 } });
    this.store = store;
    this.#session = session;
    this.#folder = folder;
    this.#execute = execute;
    this.#context = { chain: session.chain, agent, policy, folder, build: folder, metCapabilities: null };
  }

  async propose(attempt: string, file: File, change: Partial<GatewayPorts> = {}): Promise<ActionResult> {
    const { tools, schemas, clock } = this.#session.world;
    const ports: GatewayPorts = { store: this.store, tools, schemas, clock, authenticated: authenticator(this.store, this.#session.manifest), ...change };
    const proposal: ActionProposal = {
      id: `drill-${attempt}`, capability: DRILL_CAPABILITY.id, tool: 'drill_move', arguments: { file: `${file}.txt` },
      confidence: '1', doubt: true, source: 'drill', occurredAt: clock.now(),
    };
    return this.#execute(ports, this.#context, proposal);
  }

  async isWaiting(file: File): Promise<boolean> {
    const { files } = this.#session.world;
    return (await files.exists(`${this.#folder}/inbox/${file}.txt`)) && !(await files.exists(`${this.#folder}/done/${file}.txt`));
  }

  async refusal(file: File, result: ActionResult): Promise<Refused> {
    return (await this.isWaiting(file)) && result.outcome === 'not-run' ? 'refused' : 'let-through';
  }

  async approve(id: string, as: string | undefined): Promise<{ signed: SignedAct; subject: Digest }> {
    const request = await this.#request(id);
    const subject = approvalSubject(request);
    const signed = await performAct(this.#session, {
      act: APPROVE, step: 'escalation', as, subject, roles: request.roles,
      sentence: `I approve request ${id} of the escalation drill: one file in a scratch folder, action ${short(request.action)}.`,
    });
    await this.#grant(request, signed, signed.digest, [signed.blob]);
    return { signed, subject };
  }

  /** Two at once, under one approval: the tool must have run once. */
  async runTwiceAtOnce(): Promise<Drill['results']['afterApproval']> {
    if (!(await this.isWaiting('approved'))) return 'moved-again';
    await Promise.all([this.propose('first', 'approved'), this.propose('rival', 'approved')]);
    const moves = await this.#moves('approved');
    if (moves > 1) return 'moved-again';
    return moves === 1 && (await this.#session.world.files.exists(`${this.#folder}/done/approved.txt`)) ? 'moved-once' : 'not-moved';
  }

  /** The same file lies there again; neither the same attempt nor a new one may move it under the used approval. */
  async replay(): Promise<Refused> {
    const { files } = this.#session.world;
    await files.remove(`${this.#folder}/done/approved.txt`);
    await files.write(`${this.#folder}/inbox/approved.txt`, 'again\n');
    for (const attempt of ['first', 'second']) if ((await this.refusal('approved', await this.propose(attempt, 'approved'))) === 'let-through') return 'let-through';
    return (await this.#moves('approved')) <= 1 ? 'refused' : 'let-through';
  }

  /** A vote that claims the operator, with bytes behind it that nobody signed. */
  async forged(signed: SignedAct): Promise<Refused> {
    const { approval } = await this.propose('forged', 'forged');
    if (approval === null) return 'let-through';
    const bytes = new TextEncoder().encode('{"signed":"by nobody"}');
    await this.#grant(await this.#request(approval), signed, digestBytes(bytes), [{ mediaType: 'application/json', bytes }]);
    return this.refusal('forged', await this.propose('forged', 'forged'));
  }

  /** Granted in time, proposed too late. The signature is taken for granted here: only the time may stop it. */
  async expired(signed: SignedAct): Promise<Refused> {
    const { approval } = await this.propose('expired', 'expired');
    if (approval === null) return 'let-through';
    const request = await this.#request(approval);
    await this.#grant(request, signed, signed.digest, []);
    const late = await this.propose('expired', 'expired', { clock: standing(this.#session.world.clock, addDuration(request.expiresAt, 'PT1S')), authenticated: () => Promise.resolve(true) });
    return this.refusal('expired', late);
  }

  async #request(id: string): Promise<Approval> {
    const state = await this.store.projected(this.#session.chain, 'approvals', id);
    if (state === undefined) throw new Fault('INTERNAL', 'the drill lost its request');
    return approvalOf(state);
  }

  async #grant(request: Approval, { operator, ceremony }: { operator: Operator; ceremony: SignedAct['ceremony'] }, act: Digest, blobs: readonly StoredBlob[]): Promise<void> {
    const data: JsonObject = { id: request.id, action: request.action, subject: approvalSubject(request), operator: operator.did, act, ceremony };
    await this.store.append(this.#session.chain, [{ type: 'approval.granted', agent: this.#session.agent, actor: operator.did, data }], { blobs });
  }

  /** How often the tool says it moved the file. */
  async #moves(file: File): Promise<number> {
    const { files } = this.#session.world;
    const path = `${this.#folder}/moved`;
    if (!(await files.exists(path))) return 0;
    return (await files.readText(path)).split('\n').filter((line) => line === `${file}.txt`).length;
  }
}

function standing(clock: Clock, at: Instant): Clock {
  return { now: () => at, monotonic: () => clock.monotonic(), sleep: (milliseconds) => clock.sleep(milliseconds) };
}
