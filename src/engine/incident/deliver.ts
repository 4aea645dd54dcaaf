/** Brings notices to the contacts' channels, and looks whether they arrived: read back from the file, or answered with 2xx. */
import { Fault } from '../../domain/fault.js';
import { sendSigned } from '../send-signed.js';
import type { Session } from '../session.js';
import type { Notice } from './notices.js';

export interface Delivery {
  readonly notice: Notice;
  readonly ok: boolean;
  /** Without the path of a webhook, which may be secret. */
  readonly channel: string;
  readonly because: string;
}

/** A channel that fails does not keep the others from being told. */
export async function deliver(session: Session, incident: string, notices: readonly Notice[]): Promise<readonly Delivery[]> {
  const deliveries: Delivery[] = [];
  for (const notice of notices) deliveries.push(await deliverOne(session, incident, notice));
  return deliveries;
}

async function deliverOne(session: Session, incident: string, notice: Notice): Promise<Delivery> {
  const { path, url } = notice.contact.via;
  const channel = url === undefined ? `file ${path ?? ''}` : `webhook ${new URL(url).host}`;
  try {
    const because = url === undefined ? await append(session, String(path), notice) : await post(session, url, incident, notice);
    return { notice, ok: true, channel, because };
  } catch (cause) {
    if (!(cause instanceof Fault) || cause.exit === 70) throw cause;
    return { notice, ok: false, channel, because: cause.message };
  }
}

async function append({ world, folder }: Session, path: string, { text, contact }: Notice): Promise<string> {
  const entry = `--- ${world.clock.now()} to ${contact.name} (${contact.role})\n${text.trimEnd()}\n\n`;
  await world.files.append(`${folder}/${path}`, entry);
  if (!(await world.files.readText(`${folder}/${path}`)).includes(entry)) throw new Fault('IO', `the notice is not in ${path} after it was written`, { at: path });
  return 'read back';
}

async function post(session: Session, url: string, incident: string, { kind, contact, text }: Notice): Promise<string> {
  const body = JSON.stringify({ schema: 'agentctl/incident-notice/v1', incident, notice: kind, to: { role: contact.role, name: contact.name }, text });
  const { status } = await sendSigned(session, { method: 'POST', url, headers: { 'content-type': 'application/json' }, body });
  if (status < 200 || status > 299) throw new Fault('NETWORK', `answered with ${status}`, { hint: 'check the address of the contact in agent.yaml' });
  return `answered with ${status}`;
}
