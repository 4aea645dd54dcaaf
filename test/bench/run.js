/** `npm run bench [-- GROUP] [--json] [--peers] [--rows N]`: each figure as a ratio to a floor measured in the same run, medians of several. */
import { parseArgs } from 'node:util';
import { attestation } from './attestation/index.js';
import { evaluation } from './evaluation/index.js';
import { ledger } from './ledger/index.js';
import { startup } from './startup.js';

const GROUPS = { startup, ledger, attestation, evaluation };
class Misuse extends Error {}

try {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { json: { type: 'boolean', default: false }, peers: { type: 'boolean', default: false }, rows: { type: 'string' } } });
  const unknown = positionals.find((name) => !Object.hasOwn(GROUPS, name));
  if (unknown !== undefined) throw new Misuse(`no group "${unknown}"; groups: ${Object.keys(GROUPS).join(', ')}`);
  const options = { peers: values.peers, say: (line) => process.stderr.write(`${line}\n`), ...(values.rows !== undefined && { rows: Number(values.rows) }) };
  const figures = [];
  for (const name of positionals.length > 0 ? positionals : Object.keys(GROUPS)) figures.push(...(await GROUPS[name](options)));
  process.stdout.write(values.json ? `${JSON.stringify({ figures }, null, 2)}\n` : figures.map(line).join(''));
  if (figures.some((one) => !one.ok)) process.exitCode = 1;
} catch (error) {
  if (!(error instanceof Misuse) && !String(error.code).startsWith('ERR_PARSE_ARGS')) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}

function line({ id, value, unit, floor, ratio, must, ok }) {
  return `${id.padEnd(28)} ${number(value).padStart(9)} ${unit.padEnd(3)} floor ${number(floor).padStart(9)}   ratio ${ratio.toFixed(2).padStart(6)}   must: ${must}${ok ? '' : '   MISSED'}\n`;
}

function number(value) {
  return value >= 1000 ? String(Math.round(value)) : value.toPrecision(3);
}
