/** `agentctl doctor`: whether this machine can do the work: Node, native module, keys, store, clock, git. Changes nothing. */
import { EXIT, Fault } from '../domain/fault.js';
import type { Report } from '../domain/report.js';
import type { World } from '../domain/ports.js';
import { checkIgnored, checkKeyPlacement, checkModes, checkPassphrase } from './doctor/files.js';
import { checkNode, checkSqlite, fail, ok, skipped, warn, type Finding } from './doctor/machine.js';
import { checkClock } from './doctor/clock.js';
import { editWarnings } from './edit-marks.js';
import { findManifest, loadManifest, type LoadedManifest } from './manifest.js';
import { outcome } from './outcome.js';
import { findStore, type Flags } from './session.js';

/** Exit 6 when something fails, 0 with warnings. */
export async function doctor(world: World, flags: Flags): Promise<Report> {
  const findings: Finding[] = [checkNode(world), await checkSqlite(world), ...(await checkModes(world, 'configuration', world.surroundings.configFolder)), ...(await checkPassphrase(world))];
  const { finding, source } = await checkManifest(world, flags);
  findings.push(finding, ...editWarnings(source?.text ?? '').map((line) => warn('EDIT marks', line, 'edit those lines, then delete the marks')));
  const folder = source?.folder ?? world.surroundings.cwd;
  const store = await findStore(world, folder, flags.store);
  if (await world.stores.exists(store)) findings.push(...(await checkModes(world, 'store', store)), await checkClock(world, store));
  else findings.push(skipped('store', `none at ${store} yet; the first command that records something makes it`));
  findings.push(await checkKeyPlacement(world, store), await checkIgnored(world, folder));
  return reportOf(findings, source);
}

async function checkManifest(world: World, flags: Flags): Promise<{ finding: Finding; source?: LoadedManifest }> {
  try {
    const source = await loadManifest(world, await findManifest(world, flags.manifest));
    return { finding: ok('manifest', `${source.path} is valid`), source };
  } catch (cause) {
    if (!(cause instanceof Fault)) throw cause;
    if (cause.code === 'MANIFEST_MISSING') return { finding: skipped('manifest', `${cause.message}; the checks of an agent were left out`, 'agentctl init') };
    return { finding: fail('manifest', cause.message, cause.hint ?? 'agentctl status') };
  }
}

function reportOf(findings: readonly Finding[], source: LoadedManifest | undefined): Report {
  const failed = findings.filter((one) => one.is === 'fail');
  const warned = findings.filter((one) => one.is === 'warn');
  const count = (list: readonly Finding[], what: string) => (list.length === 1 ? `one ${what}` : `${list.length} ${what}s`);
  return outcome(
    {
      step: null,
      verb: 'doctor',
      headline: failed.length > 0 ? `${count(failed, 'failure')} on this machine` : warned.length > 0 ? `this machine can do the work, with ${count(warned, 'warning')}` : 'this machine can do the work',
      tables: [{ title: 'checks', columns: ['', 'check', 'found', 'fix'], rows: findings.map((one) => [one.is, one.check, one.found, one.fix ?? '']) }],
      next: failed[0]?.fix ?? (source === undefined ? 'agentctl init' : 'agentctl status'),
      data: { checks: findings.map(({ check, is, found, fix = null }) => ({ check, is, found, fix })) },
    },
    failed.length > 0 ? EXIT.surroundings : EXIT.yes,
  );
}

