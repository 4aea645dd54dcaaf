/** `agentctl init`: from a folder to an agent.yaml with keys, guided; a second run completes what is missing and overwrites nothing. */
import type { Report } from '../domain/report.js';
import type { World } from '../domain/ports.js';
import type { Stakes } from '../domain/manifest.js';
import { Fault } from '../domain/fault.js';
import { collectAnswers, readAnswers } from './init/answers.js';
import { writeCompanions, type Written } from './init/companions.js';
import { completeManifest } from './init/complete-manifest.js';
import { detect, detectBuild } from './init/detect.js';
import { commandWords, fillTemplate } from './init/fill-template.js';
import { ensureKey, organisationKey } from './init/keys.js';
import { QUESTIONS, type Answers } from './init/questions.js';
import { initReport } from './init/report.js';
import { loadManifest, MANIFEST_FILE } from './manifest.js';
import { STORE_FOLDER, type Flags } from './session.js';
import { suggest } from './suggest.js';

export interface InitInput {
  readonly folder?: string | undefined;
  readonly template?: string | undefined;
  /** File with answers. */
  readonly answers?: string | undefined;
  readonly alreadyInProduction?: boolean | undefined;
}

/** @throws {Fault} USAGE, ANSWER_MISSING, INPUT_INVALID, MANIFEST_INVALID, PASSPHRASE, INTERRUPTED */
export async function init(world: World, flags: Flags, input: InitInput): Promise<Report> {
  const folder = absolute(world, input.folder ?? '.');
  const path = `${folder}/${MANIFEST_FILE}`;
  const exists = await world.files.exists(path);
  const template = templateOf(input.template);
  const { written, notes: done, keys } = exists ? await completeManifest(world, folder, input.alreadyInProduction === true) : await create(world, flags, folder, input, template);
  const notes = exists && template !== undefined ? [`--template ${template} was ignored: ${MANIFEST_FILE} is there already`, ...done] : done;
  // What is written must load: mistakes that were there before are told now, after everything else is in place.
  const { manifest, text } = await loadManifest(world, path);
  return initReport({ world, folder, manifest, text, keys, written, notes, existed: exists });
}

export interface Progress {
  readonly written: readonly Written[];
  readonly notes: readonly string[];
  readonly keys: readonly { readonly label: string; readonly did: string; readonly made: boolean }[];
}

/** Keys first, agent.yaml last: its presence says that everything it names is there. */
async function create(world: World, flags: Flags, folder: string, input: InitInput, template: Stakes | undefined): Promise<Progress> {
  const file = input.answers === undefined ? {} : await readAnswers(world, absolute(world, input.answers), input.answers);
  if (template !== undefined && file.stakes !== undefined && file.stakes !== template) {
    throw new Fault('USAGE', `--template ${template} contradicts the answer stakes: ${file.stakes}`, { hint: 'leave one of the two out' });
  }
  const given: Partial<Answers> = template === undefined ? file : { ...file, stakes: template };
  const { answers, assumed } = await collectAnswers(world, given, await detect(world, folder), flags.yes);
  const build = await detectBuild(world, folder, commandWords(answers.command));
  const keys = world.keys(`${folder}/${STORE_FOLDER}`);
  const organisation = await ensureKey(keys, organisationKey(answers.organisation));
  const operator = await ensureKey(keys, { role: 'operator', name: answers.operator });
  const text = await fillTemplate(world, {
    answers, build, organisationDid: organisation.did, operatorDid: operator.did, alreadyInProduction: input.alreadyInProduction === true,
  });
  const { value } = await world.yaml.parse(text, MANIFEST_FILE);
  const written = await writeCompanions(world, folder, value);
  await world.files.write(`${folder}/${MANIFEST_FILE}`, text);
  return {
    keys: [organisation, operator],
    written: [{ file: MANIFEST_FILE, what: 'the manifest: who the agent is, what it promises, what it may do' }, ...written],
    notes: [
      ...(assumed.length > 0 ? [`taken by default, edit if wrong: ${assumed.map((key) => `${key} (${[answers[key]].flat().join(', ')})`).join('; ')}`] : []),
      ...build.missing.map((one) => `${one} does not exist yet: put the agent there, or correct build.files and target.command`),
    ],
  };
}

const TEMPLATES = QUESTIONS.stakes.choices?.map((choice) => choice.value) ?? [];

function templateOf(name: string | undefined): Stakes | undefined {
  if (name === undefined) return undefined;
  if (TEMPLATES.includes(name)) return name as Stakes;
  const near = suggest(name, TEMPLATES);
  throw new Fault('USAGE', `no template "${name}"`, { hint: near === undefined ? `templates: ${TEMPLATES.join(', ')}` : `did you mean "${near}"?` });
}

function absolute({ surroundings }: Pick<World, 'surroundings'>, path: string): string {
  const joined = path.startsWith('/') ? path : `${surroundings.cwd}/${path}`;
  const parts: string[] = [];
  for (const part of joined.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}
