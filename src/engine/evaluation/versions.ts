/** What a result was made with: agent, harness, data, scorer; and judges and models, where any are told. */
import { digestBytes, hexOf, short, type Digest } from '../../domain/digest.js';
import { isObject } from '../../domain/json.js';
import { DEFAULT_PROFILE } from '../../evaluation/composite.js';
import { SCORER } from '../../evaluation/score.js';
import { HARNESS } from '../inputs.js';
import type { Session } from '../session.js';
import type { OpenPart } from './parts.js';

/** A type, so that it is JSON. */
export type Versions = {
  readonly agent: string;
  readonly harness: string;
  readonly dataset: string;
  readonly scorer: string;
  /** Score profile of composite and dimensions. */
  readonly profile: string;
  /** Template, and each judge with the models that answered for it; absent where none was asked. */
  readonly judge?: string;
  /** Declared model, and those that the service says answered; absent where it does not say. */
  readonly model?: string;
};

/** More names than a service that answers by several models has; one that makes up names fills no memory. */
const MOST_MODELS = 10;
/** Longest text of a version that an entry holds. */
const LONGEST = 1000;
/** Longest list of data sets. */
const LONGEST_LIST = 200;

/** Models that answered, by the names that outsiders gave them. */
export class NamedModels {
  readonly #names = new Set<string>();
  #more = false;

  add(name: string): void {
    if (this.#names.size < MOST_MODELS) this.#names.add(name);
    else if (!this.#names.has(name)) this.#more = true;
  }

  /** Undefined where none was named. */
  text(): string | undefined {
    return this.#names.size === 0 ? undefined : `${[...this.#names].sort().join(' and ')}${this.#more ? ' and more' : ''}`;
  }
}

export interface MadeWith {
  readonly parts: readonly OpenPart[];
  readonly judge: string | undefined;
  readonly models: NamedModels;
}

export function versionsOf({ manifest, build, world }: Session, { parts, judge, models }: MadeWith): Versions {
  const { name, version } = manifest.metadata;
  const answered = models.text();
  return {
    agent: `${name} ${version} build ${short(build.digest)}`,
    harness: `${HARNESS} of agentctl ${world.surroundings.version}`,
    dataset: datasetsOf(parts),
    scorer: SCORER,
    profile: DEFAULT_PROFILE.id,
    ...(judge !== undefined && { judge: plain(judge) }),
    ...(answered !== undefined && { model: plain(`${declaredModel(manifest['build'])} declared, ${answered} answered`) }),
  };
}

/** Each data set once, however many capabilities are judged on it; the digest of the list where it is too long for an entry. */
function datasetsOf(parts: readonly OpenPart[]): string {
  const sets = [...new Set(parts.map(({ dataset }) => `${dataset.id} ${hexOf(dataset.sha256 as Digest).slice(0, 12)}`))];
  const text = sets.join(', ');
  return text.length <= LONGEST_LIST ? text : `${sets.length} data sets, list ${short(digestBytes(text))}`;
}

function declaredModel(build: unknown): string {
  const model = isObject(build) ? build['model'] : undefined;
  return isObject(model) && typeof model['id'] === 'string' ? model['id'] : 'none';
}

/** As an entry holds it: one line of ASCII. */
function plain(text: string): string {
  const line = text.replace(/[^ -~]/g, '?');
  return line.length <= LONGEST ? line : `${line.slice(0, LONGEST - 3)}...`;
}
