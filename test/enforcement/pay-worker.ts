/** One of several processes that pay through the gateway against one limit, until it is used up or the process dies where it was told to. */
import { appendFileSync } from 'node:fs';
import { schemas } from '../../src/adapters/schemas.js';
import { sqliteStores } from '../../src/adapters/sqlite-store.js';
import { systemClock, systemRandom } from '../../src/adapters/system.js';
import { executeAction } from '../../src/enforcement/gateway/execute.js';
import { enforcementProjections } from '../../src/enforcement/projections.js';
import type { Store, Tools } from '../../src/domain/ports.js';
import { AGENT, CHAIN, payment, policyWith } from './fixture.js';

const [folder = '', name = '', dies = 'never'] = process.argv.slice(2);
const clock = systemClock();
const opened = await sqliteStores({ clock, random: systemRandom(), projections: enforcementProjections }).open(folder, { readonly: false });
let paid = 0;
const die = () => process.kill(process.pid, 'SIGKILL');

const tools: Tools = {
  async run(_tool, { amount }) {
    appendFileSync(`${folder}/paid`, `${String(amount)}\n`);
    paid += 1;
    if (dies === 'after-paying' && paid === 3) die();
    return { outcome: 'done', result: { ok: true }, message: '', milliseconds: 1 };
  },
};
const store: Store = new Proxy(opened, {
  get(target, key) {
    const value: unknown = Reflect.get(target, key, target);
    if (typeof value !== 'function') return value;
    if (key !== 'append' || dies !== 'after-reserving') return value.bind(target);
    return (...args: Parameters<Store['append']>) => {
      if (paid === 2 && args[1].some(({ type }) => type === 'action.intent')) die();
      return target.append(...args);
    };
  },
});

const context = { chain: CHAIN, agent: AGENT, policy: policyWith({ limits: { perDay: '60.00', perTransaction: '60.00' } }), folder, build: folder, metCapabilities: null };
const rules: string[] = [];
process.stdout.write('ready\n');
await new Promise((go) => process.stdin.once('data', go));
for (let index = 0; index < 80; index += 1) {
  const { decision } = await executeAction({ store, tools, schemas: schemas(), clock, authenticated: async () => false }, context, payment('1.00', { id: `${name}-${index}` }));
  if (decision.decision !== 'permit') rules.push(decision.rule);
  if (decision.rule === 'over-daily-limit') break;
}
await opened.close();
process.stdout.write(`${JSON.stringify({ paid, rules })}\n`);
process.stdin.destroy();
