/** `npm run bench [-- GROUP] [--json]`: each figure as a ratio to a floor measured in the same run, medians of several. */
import { startup } from './startup.js';

const GROUPS = { startup };
const words = process.argv.slice(2);
const asked = words.filter((word) => !word.startsWith('--'));
const unknown = asked.find((name) => !(name in GROUPS));
if (unknown !== undefined) {
  process.stderr.write(`no group "${unknown}"; groups: ${Object.keys(GROUPS).join(', ')}\n`);
  process.exitCode = 2;
} else {
  const figures = [];
  for (const name of asked.length > 0 ? asked : Object.keys(GROUPS)) figures.push(...(await GROUPS[name]()));
  if (words.includes('--json')) process.stdout.write(`${JSON.stringify({ figures }, null, 2)}\n`);
  else for (const one of figures) process.stdout.write(`${one.id.padEnd(28)} ${one.value.toFixed(1).padStart(8)} ${one.unit}   floor ${one.floor.toFixed(1)}   ratio ${one.ratio.toFixed(2)}   must: ${one.must}   ${one.ok ? 'ok' : 'MISSED'}\n`);
  if (figures.some((one) => !one.ok)) process.exitCode = 1;
}
