/** What the texts say equals what the code says: tables, commands, flags, hops, the two command lines. UPDATE_DOCS=1 rewrites the tables. The transcript is checked where the demo runs. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { EXIT_MEANING, FAULTS } from '../src/domain/fault.js';
import { STATES } from '../src/domain/step.js';
import { STEPS } from '../src/steps/index.js';
import { readSource } from './support/imports.js';
import { resolve } from './support/layers.js';
import { blockOf, ciWords, readme, updating, writeBlock } from './support/readme.js';
import { isFlag, mistakeOf, tree, wordsOf } from './support/typed.js';

const ROOT = new URL('../', import.meta.url).pathname;
const read = (file: string) => readFileSync(ROOT + file, 'utf8');
const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |\n`;
const table = (columns: readonly string[], rows: readonly (readonly string[])[]) => row(columns) + `|${' --- |'.repeat(columns.length)}\n` + rows.map(row).join('');

describe('README.md', () => {
  test.each([
    ['table:steps', table(['step', 'deliverable', 'owner', 'harm if skipped', 'verbs'], STEPS.map((step) => [
      `${step.number} \`${step.id}\``, step.deliverable.name, step.owner.join(', '), step.ifSkipped,
      step.verbs.map((verb) => (verb.needsHuman ? `**${verb.name}**` : verb.name)).join(', '),
    ]))],
    ['table:exits', table(['exit', 'means'], Object.entries(EXIT_MEANING).map(([exit, meaning]) => [exit, meaning]))],
  ])('%s says what the code says', (name, expected) => {
    if (updating) writeBlock(name, expected);
    expect(blockOf(readme(), name)).toBe(expected);
  });

  test('names every state', () => {
    for (const state of STATES) expect(readme()).toContain(`\`${state}\``);
  });

  test('the two command lines are scripts, and .ci/run runs exactly the second, then the public vectors', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const lines = /## Two command lines\n\n```sh\n([\s\S]*?)```/.exec(readme())?.[1]?.trim().split('\n') ?? [];
    expect(lines).toEqual(['npm ci && npm run demo', 'npm ci && npm test']);
    expect(Object.keys(scripts)).toEqual(expect.arrayContaining(['demo', 'test', 'bench']));
    expect(read('.ci/run').split('\n').filter((line) => line.startsWith('npm ')).map((line) => line.replace(/ 2>&1 \|.*$/, ''))).toEqual(['npm ci', 'npm test', 'npm run conformance -- ../shared/vectors']);
  });

  test('the CI line asks for certificate, root and checkout, and for nothing else', () => {
    expect(ciWords()).toEqual(['verify', '--certificate', 'artifacts/certificate.dsse.json', '--trust', expect.stringMatching(/^did:key:z6Mk/), '--subject', '.']);
  });

  test('keeps its lines short and its links alive', () => {
    const prose = readme().split('\n').filter((line) => !line.startsWith('|'));
    expect(prose.filter((line) => line.length > 165)).toEqual([]);
    for (const [, target = ''] of readme().matchAll(/\]\((?!https?:)([^)#]+)\)/g)) expect([target, existsSync(ROOT + target)]).toEqual([target, true]);
    for (const [, path = ''] of readme().matchAll(/`((?:src|test|bin|examples|templates)\/[\w./-]+)`/g)) expect([path, existsSync(ROOT + path)]).toEqual([path, true]);
  });

  test('the six hops exist, and each leads to the next with at most one file between', () => {
    const hops = [...(/<!-- hops -->\n([\s\S]*?)\n\n/.exec(readme())?.[1] ?? '').matchAll(/^\d\. `(\S+?)`/gm)].map(([, path = '']) => path);
    expect(hops).toEqual(['bin/agentctl.js', 'src/main.ts', 'src/cli/program.ts', 'src/cli/step-command.ts', 'src/engine/states.ts', 'src/steps/01-identity.ts']);
    expect(read('bin/agentctl.js')).toContain("'../dist/main.cjs'");
    expect(read('package.json')).toContain('esbuild main=src/main.ts');
    const leads = (from: string, to: string) => importsOf(from).some((file) => file === to || importsOf(file).includes(to));
    hops.slice(1, -1).forEach((hop, index) => expect([hop, leads(hop, hops[index + 2] ?? '')]).toEqual([hop, true]));
    expect(leads('src/main.ts', 'src/steps/01-identity.ts')).toBe(false);
  });
});

function importsOf(file: string): readonly string[] {
  return readSource(file, read(file)).imports.filter((one) => one.startsWith('.')).map((one) => resolve(file, one)).filter((one) => existsSync(ROOT + one));
}

/** Code spans and code lines of Markdown. */
function codeOf(markdown: string): readonly string[] {
  const fences = [...markdown.matchAll(/```\w*\n([\s\S]*?)```/g)].flatMap(([, code = '']) => code.split('\n').map((line) => line.replace(/^\$ /, '')));
  return [...fences, ...[...markdown.replace(/```[\s\S]*?```/g, '').matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code)];
}

/** Words after the program's name, in whichever way it is called. */
function calls(code: string): readonly string[] {
  return [...code.matchAll(/(?:^|&& )(?:node (?:\S*\/)?bin\/agentctl\.js|agentctl)(?: (.*?))?(?= && |$)/g)].map(([, rest = '']) => rest);
}

describe('every command and flag in a text exists', () => {
  const texts = ['README.md', 'examples/mail-triage/README.md', 'examples/mail-triage/runbook.md', ...readdirSync(ROOT + 'templates', { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.md')).map((name) => `templates/${name}`)];

  test.each(texts)('%s', (file) => {
    const code = codeOf(read(file));
    const first = new Set(tree.commands.map((one) => one.name()));
    // A span may leave the program's name out when it begins with a command and goes on with a flag or a command of it.
    const bare = code.filter((one) => first.has(one.split(' ')[0] ?? '') && / --?\w/.test(one));
    expect([...code.flatMap(calls), ...bare].map((one) => mistakeOf(wordsOf(one))).filter((one) => one !== null)).toEqual([]);
    const flags = code.filter((one) => /^--\w/.test(one)).map((one) => one.split(/[ =]/)[0] ?? '');
    expect(flags.filter((flag) => !isFlag(flag))).toEqual([]);
  });

  test.each(readdirSync(ROOT + 'templates').filter((name) => name.endsWith('.yaml')).map((name) => `templates/${name}`).concat('examples/mail-triage/agent.yaml'))('comments of %s', (file) => {
    const comments = read(file).split('\n').flatMap((line) => (/(?:^|\s)# ?(.*)$/.exec(line)?.[1] ?? '').match(/(?<=: )agentctl [^;.]*/g) ?? []);
    expect(comments.map((one) => mistakeOf(wordsOf(one).slice(1), 'in prose')).filter((one) => one !== null)).toEqual([]);
  });

  test('the check itself finds what does not exist', () => {
    for (const wrong of ['pcat sign', 'pact sing', 'pact sign --az erin', 'status --witness', 'status now', 'identity key isue']) expect([wrong, mistakeOf(wordsOf(wrong))]).not.toEqual([wrong, null]);
    for (const right of ['pact sign --as <operator> --yes', 'incident close <incident> --as erin', 'apply identity pact', 'identity key issue', 'status --format=json # all of it', '--version']) expect([right, mistakeOf(wordsOf(right))]).toEqual([right, null]);
    expect(isFlag('--as')).toBe(true);
    expect(isFlag('--at-once')).toBe(false);
  });
});

describe('every command that the program prints exists', () => {
  /** Commands inside a sentence: from the program's name to the end of what can be typed. */
  const inside = (text: string) => [...text.matchAll(/agentctl ((?:[a-z][a-z-]*|--?[a-z][a-z-]*|<[^>]+>|[A-Z]\S*)(?: (?:[a-z][\w:-]*|--?[a-z][a-z-]*|<[^>]+>|"[^"]*"|[\w./|-]+))*)/g)].map(([, words = '']) => words);
  const commands = new Set(tree.commands.map((one) => one.name()));

  test('remedies of probes', () => {
    const remedies = STEPS.flatMap((step) => step.probes.map((probe) => probe.remedy)).filter((remedy) => remedy.startsWith('agentctl '));
    expect(remedies.length).toBeGreaterThan(20);
    expect(remedies.map((remedy) => mistakeOf(wordsOf(remedy.replace(/[,;:].*$/, '')).slice(1))).filter((one) => one !== null)).toEqual([]);
  });

  test('hints and next commands in the source', () => {
    const files = readdirSync(ROOT + 'src', { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
    const wrong: string[] = [];
    let seen = 0;
    for (const file of files) {
      for (const [, literal = ''] of read(`src/${file}`).matchAll(/(?:['"`]|, | or |`\s)agentctl ([a-z-][^'"`\n]*)/g)) {
        // What is put in while running stands for anything.
        const words = wordsOf(literal.replace(/\$\{[^}]*\}?/g, '<value>').replace(/[,;:)](\s.*)?$/, ''));
        if (!commands.has(words[0] ?? '')) continue;
        seen += 1;
        const mistake = mistakeOf(words.slice(0, words.includes('<value>') && words.indexOf('<value>') < 2 ? words.indexOf('<value>') : undefined));
        if (mistake !== null) wrong.push(`${file}: ${literal}: ${mistake}`);
      }
    }
    expect(seen).toBeGreaterThan(60);
    expect(wrong).toEqual([]);
  });

  test('verbs of cards are commands, and explain knows every step, probe, fault code and exit', () => {
    for (const step of STEPS) for (const verb of step.verbs) expect([verb.name, mistakeOf([step.id, ...verb.name.split(' ')])]).toEqual([verb.name, null]);
    expect(inside('next: agentctl pact sign --as <operator>')).toEqual(['pact sign --as <operator>']);
    expect(Object.keys(FAULTS).length).toBeGreaterThan(20);
  });
});
