/** Raises alerts and brings them to every channel; a delivery counts when it was read back or answered, and is on record either way. */
import { Fault } from '../../domain/fault.js';
import { canonical } from '../../domain/canonical.js';
import type { JsonObject } from '../../domain/json.js';
import type { Channel } from '../../steps/05-monitor.js';
import { sendSigned } from '../send-signed.js';
import { record, type Session } from '../session.js';

export interface Found {
  readonly kind: 'condition' | 'sequence' | 'composite' | 'drift' | 'missed';
  /** Condition or dimension. */
  readonly condition: string | null;
  readonly value: string;
  readonly threshold: string;
  /** Where the value lies, at the strictness of the alarm; null for an end that is not told. */
  readonly low: string | null;
  readonly high: string | null;
}

export interface Delivery {
  readonly alert: string;
  readonly found: Found;
  readonly channel: string;
  readonly ok: boolean;
  readonly because: string;
}

export async function raiseAlerts(session: Session, channels: readonly Channel[], found: readonly Found[], { run, test }: { run: string; test: boolean }): Promise<readonly Delivery[]> {
  const deliveries: Delivery[] = [];
  for (const one of found) {
    const alert = `al-${Buffer.from(session.world.random.bytes(8)).toString('hex')}`;
    // On record before it is sent: an alert that nobody receives has still been raised.
    await record(session, { type: 'alert.raised', data: { alert, ...one, run, test } });
    for (const [index, channel] of channels.entries()) {
      const delivery = { alert, found: one, channel: labelOf(channel, index), ...(await deliver(session, channel, messageOf(session, alert, one, run, test))) };
      await record(session, { type: 'alert.delivered', data: { alert, run, channel: delivery.channel, ok: delivery.ok, because: delivery.because } });
      deliveries.push(delivery);
    }
  }
  return deliveries;
}

/** What is told: numbers and names from the manifest, never an input or output of the agent. */
function messageOf({ world, agent, manifest }: Session, alert: string, found: Found, run: string, test: boolean): JsonObject {
  return { schema: 'https://agentctl.dev/alert/v1', alert, at: world.clock.now(), agent: { ...agent, name: manifest.metadata.name }, ...found, run, test };
}

/** The path of a webhook may be a secret, so only its host is named. */
export function labelOf({ kind, path, url }: Channel, index: number): string {
  return `${index + 1} ${kind} ${kind === 'file' ? (path ?? '') : url !== undefined && URL.canParse(url) ? new URL(url).host : ''}`.trim();
}

async function deliver(session: Session, channel: Channel, message: JsonObject): Promise<{ ok: boolean; because: string }> {
  try {
    return channel.kind === 'file' ? await toFile(session, channel.path ?? '', message) : await toWebhook(session, channel.url ?? '', message);
  } catch (cause) {
    // One dead channel must not keep the others from hearing of it.
    if (cause instanceof Fault && cause.code !== 'INTERNAL' && cause.code !== 'INTERRUPTED') return { ok: false, because: plain(cause.message) };
    throw cause;
  }
}

async function toFile({ world, folder }: Session, path: string, message: JsonObject): Promise<{ ok: boolean; because: string }> {
  const line = canonical(message);
  await world.files.append(`${folder}/${path}`, `${line}\n`);
  const arrived = (await world.files.readText(`${folder}/${path}`)).split('\n').includes(line);
  return { ok: arrived, because: arrived ? 'read back' : 'the line is not in the file' };
}

async function toWebhook(session: Session, url: string, message: JsonObject): Promise<{ ok: boolean; because: string }> {
  const { status } = await sendSigned(session, { method: 'POST', url, headers: { 'content-type': 'application/json' }, body: canonical(message) });
  return { ok: status >= 200 && status < 300, because: `answered ${status}` };
}

/** Ledger text is printable ASCII. */
function plain(text: string): string {
  return text.replace(/[^ -~]/g, '?').slice(0, 200);
}
