/** `audit ingest`: telemetry of an agent that is already instrumented goes on record: OTLP/JSON from files, or sent here over HTTP. */
import { counted } from '../../domain/counted.js';
import { EXIT, Fault } from '../../domain/fault.js';
import { asObject, parseJson, type JsonObject } from '../../domain/json.js';
import type { Report } from '../../domain/report.js';
import { visible } from '../../domain/visible.js';
import { outcome } from '../outcome.js';
import type { Session } from '../session.js';
import { listOption, textOption, type Verb, type VerbInput } from '../verb.js';
import { NOTHING, observe, sum, type Tally } from './observe.js';
import { LARGEST_REQUEST, receive, type Address } from './receive.js';

export const run: Verb = async (session, input) => {
  const listen = textOption(input, 'listen');
  if ((listen === undefined) === (input.args.length === 0)) throw new Fault('USAGE', 'name files of telemetry, or an address to listen on', { hint: 'agentctl audit ingest --listen 4318' });
  return listen === undefined ? ingestFiles(session, input.args) : listenAt(session, addressOf(listen, listOption(input, 'allowHost')));
};

async function ingestFiles(session: Session, names: readonly string[]): Promise<Report> {
  const { world } = session;
  let tally = NOTHING;
  for (const name of names) {
    const path = name.startsWith('/') ? name : `${world.surroundings.cwd}/${name}`;
    for await (const { request, place } of requestsIn(session, path, name)) {
      tally = sum(tally, await observe(session, request, place));
      if (world.surroundings.interrupted.aborted) throw new Fault('INTERRUPTED', `stopped after ${place}`, { hint: 'run the command again: what is on record is not recorded twice' });
    }
  }
  const { refused, refusals } = tally;
  return outcome({
    step: 'audit', verb: 'ingest', headline: headlineOf(tally),
    facts: factsOf(tally),
    ...(refused === 0 ? {} : { tables: [{ title: 'Refused', columns: ['span', 'because'], rows: refusals.map(({ span, because }) => [span, because]) }] }),
    next: 'agentctl audit log --type action.observed',
    data: dataOf(tally),
  }, refused === 0 ? EXIT.yes : EXIT.no);
}

/** One request, however its lines are broken; or one on each line, as the collector's file exporter writes them. */
async function* requestsIn({ world: { files } }: Session, path: string, name: string): AsyncGenerator<{ readonly request: JsonObject; readonly place: string }> {
  const size = (await files.info(path))?.size ?? 0;
  let number = 0;
  for await (const line of files.lines(path, LARGEST_REQUEST)) {
    number += 1;
    if (line.trim() === '') continue;
    const place = `${name}:${number}`;
    if (number === 1 && size <= LARGEST_REQUEST && !isRequest(line)) {
      yield { request: requestIn(await files.readText(path), name), place: name };
      return;
    }
    yield { request: requestIn(line, place), place };
  }
  if (number === 0) throw new Fault('INPUT_INVALID', `${name} is empty`, { at: name, hint: 'an exporter writes OTLP/JSON there' });
}

function requestIn(text: string, place: string): JsonObject {
  return asObject(parseJson(text, place, 'as text'), place);
}

/** A request that was broken into lines, to be read by people, does not end with the first. */
function isRequest(line: string): boolean {
  try {
    requestIn(line, '');
    return true;
  } catch (cause) {
    if (cause instanceof Fault) return false;
    throw cause;
  }
}

/** @throws {Fault} USAGE */
function addressOf(text: string, names: readonly string[]): Address {
  const [, host = '127.0.0.1', port = ''] = /^(?:(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+):)?(\d{1,5})$/.exec(text) ?? [];
  if (port === '' || Number(port) > 65_535) throw new Fault('USAGE', `--listen "${text}" is no port`, { hint: '--listen 4318, or --listen 127.0.0.1:4318' });
  return { host: host.replace(/^\[|\]$/g, ''), port: Number(port), names: names.map((name) => name.toLowerCase()) };
}

async function listenAt(session: Session, address: Address): Promise<Report> {
  const { talk, results } = session.world;
  const lines = results.format === 'json' && !results.copied ? await results.begin('jsonl', { shown: [], cells: [] }) : undefined;
  const line = async (value: JsonObject) => {
    await lines?.line({ shown: [], under: [], cells: [], value });
    await lines?.flush();
  };
  const tally = await receive(session, address, {
    async listening(url) {
      await line({ listening: url });
      talk.say(`listening on ${url} until Ctrl-C`);
      if (!/^http:\/\/(127\.|\[::1\]|localhost)/.test(url)) talk.say('whoever reaches this address can write to the log: let a firewall or a proxy that asks for credentials stand before it');
    },
    async heard(heard) {
      await line(dataOf(heard));
      for (const { span, because } of heard.refusals) talk.say(`refused span ${visible(span)}: ${visible(because)}`);
    },
  });
  // The interrupt is how one stops listening.
  return outcome({ step: 'audit', verb: 'ingest', headline: headlineOf(tally), facts: factsOf(tally), data: dataOf(tally) }, EXIT.interrupted);
}

function headlineOf({ recorded }: Tally): string {
  return `${counted(recorded, 'observed action')} recorded`;
}

function factsOf({ known, other, refused }: Tally): readonly { readonly label: string; readonly value: string }[] {
  return [
    { label: 'on record already', value: String(known) },
    { label: 'about other things', value: String(other) },
    ...(refused > 0 ? [{ label: 'refused', value: String(refused) }] : []),
  ];
}

function dataOf({ recorded, known, other, refused, refusals }: Tally): JsonObject {
  return { recorded, known, other, refused, refusals: refusals.map((one) => ({ ...one })) };
}
