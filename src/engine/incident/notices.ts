/** Notices of an incident: templates filled from the facts. A placeholder that nobody can fill is an error, not a gap in the text. */
import { Fault, type Mistake } from '../../domain/fault.js';
import { readable } from '../../domain/time.js';
import { visible } from '../../domain/visible.js';
import type { Entry } from '../../domain/entry.js';
import type { Contact, IncidentsSection, NoticeKind, SeverityId } from '../../steps/10-incident.js';
import type { Session } from '../session.js';
import type { Scope } from './count.js';

export const PLACEHOLDERS = ['agent', 'severity', 'opened', 'affected', 'build', 'action', 'contact', 'incident'] as const;
export type NoticeFacts = Readonly<Record<(typeof PLACEHOLDERS)[number], string>>;

export interface Notice {
  readonly kind: NoticeKind;
  readonly contact: Contact;
  /** Name of the rendered file. */
  readonly file: string;
  readonly text: string;
}

const PLACEHOLDER = /\{\{([^{}]*)\}\}/g;

/** Every notice that the severity asks for, one for each contact. @throws {Fault} INPUT_INVALID naming file and line of each unknown placeholder */
export async function renderNotices(session: Session, spec: IncidentsSection, opened: Entry, scope: Pick<Scope, 'affected' | 'executed'> | undefined): Promise<readonly Notice[]> {
  const templates = await readTemplates(session, spec);
  const severity = String(opened.data['severity']) as SeverityId;
  return spec.severities[severity].notify.flatMap(({ notice, to }) => {
    const template = templates.get(notice);
    if (template === undefined) throw new Fault('INPUT_INVALID', `${severity} sends the ${notice} notice, which has no template`, { at: 'agent.yaml: incidents.templates' });
    return spec.contacts.filter((contact) => contact.role === to).map((contact, index) => ({
      kind: notice,
      contact,
      file: `${notice}-${to}${index === 0 ? '' : `-${index + 1}`}${/\.[a-z]+$/.exec(template.file)?.[0] ?? '.txt'}`,
      text: fill(template.text, factsOf(session, opened, scope, contact)),
    }));
  });
}

/** All declared templates, also those that this severity does not need: a broken one is found before it is. */
export async function readTemplates({ world, folder }: Pick<Session, 'world' | 'folder'>, { templates }: Pick<IncidentsSection, 'templates'>): Promise<ReadonlyMap<NoticeKind, { readonly file: string; readonly text: string }>> {
  const read = new Map<NoticeKind, { file: string; text: string }>();
  const mistakes: Mistake[] = [];
  for (const [kind, file] of Object.entries(templates) as [NoticeKind, string][]) {
    if (!(await world.files.exists(`${folder}/${file}`))) {
      mistakes.push({ at: file, message: `the ${kind} template is not there`, hint: 'agentctl init' });
      continue;
    }
    const text = await world.files.readText(`${folder}/${file}`);
    mistakes.push(...unknownPlaceholders(text, file));
    read.set(kind, { file, text });
  }
  const [first] = mistakes;
  if (first) throw new Fault('INPUT_INVALID', first.message, { at: first.at, ...(first.hint === undefined ? {} : { hint: first.hint }), details: mistakes });
  return read;
}

/** `at` is `file:line`. */
export function unknownPlaceholders(text: string, file: string): readonly Mistake[] {
  return text.split('\n').flatMap((line, index) =>
    [...line.matchAll(PLACEHOLDER)].map((match) => (match[1] ?? '').trim()).filter((name) => !isPlaceholder(name))
      .map((name) => ({ at: `${file}:${index + 1}`, message: `unknown placeholder {{${name}}}`, hint: `known: ${PLACEHOLDERS.map((one) => `{{${one}}}`).join(' ')}` })));
}

export function fill(text: string, facts: NoticeFacts): string {
  return text.replace(PLACEHOLDER, (whole, inside: string) => {
    const name = inside.trim();
    return isPlaceholder(name) ? visible(facts[name]) : whole;
  });
}

function isPlaceholder(name: string): name is keyof NoticeFacts {
  return (PLACEHOLDERS as readonly string[]).includes(name);
}

const ACTION_WORDS: Readonly<Record<string, string>> = {
  rollback: 'the agent was stopped, and is being restored to an earlier version',
  suspend: 'the agent was stopped',
  investigate: 'the agent keeps running while we investigate',
};

function factsOf({ manifest }: Pick<Session, 'manifest'>, { ts, agent, data }: Entry, scope: Pick<Scope, 'affected' | 'executed'> | undefined, contact: Contact): NoticeFacts {
  const { name, version } = manifest.metadata;
  return {
    agent: `${name} ${agent.version ?? version}`,
    severity: String(data['severity']),
    opened: readable(ts),
    affected: scope === undefined ? 'not counted yet' : `${scope.affected} ${scope.affected === 1 ? 'action' : 'actions'} on record, ${scope.executed} of them executed`,
    build: agent.build ?? 'unknown',
    action: ACTION_WORDS[String(data['action'])] ?? String(data['action']),
    contact: `${contact.name} (${contact.role})`,
    incident: String(data['incident']),
  };
}
