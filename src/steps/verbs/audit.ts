/** What can be done with the audit log (step 8): verbs and their options, as data. */
import type { VerbCard } from '../../domain/step.js';
import { ERASURE_REASONS } from '../../ledger/types/audit.js';

/** Anchors for one command, besides those that agent.yaml declares. */
const ANCHOR_OPTIONS = [
  { flags: '--witness-file <file>', description: 'a file on other storage' },
  { flags: '--witness-git <folder>', description: 'a working tree of a git repository' },
  { flags: '--witness <url>', description: 'a witness over HTTP, with --witness-key' },
  { flags: '--witness-key <vkey>', description: 'key of that witness, or a file that holds it' },
] as const;

/** Options that say which entries are meant. */
const WHICH = [
  { flags: '--type <type>', description: 'entry type, or its beginning' },
  { flags: '--since <time>', description: 'from this time on' },
  { flags: '--until <time>', description: 'before this time' },
  { flags: '--tool <name>', description: 'actions with this tool' },
] as const;

export const AUDIT_VERBS: readonly VerbCard[] = [
  {
    name: 'verify', summary: 'rehash every byte, check every signature, compare every table with the chain, and the log with every anchor; or check a proof', mutates: true, needsHuman: false, produces: ['audit.verified'], outside: 'proof',
    options: [
      { flags: '--deep', description: 'also canonicalise every body again' },
      { flags: '--sealed <folder>', description: 'where the files lie that hold pruned entries; otherwise in the store' },
      { flags: '--read-only', description: 'record nothing: for a backup, or without the log key' },
      ...ANCHOR_OPTIONS,
      { flags: '--require-anchor', description: 'no yes unless an anchor agrees' },
      { flags: '--proof <file>', description: 'check this proof instead; needs no agent.yaml and no store' },
      { flags: '--trust <vkey...>', description: 'with --proof: key of the log, and of witnesses that have to vouch; or a file of them' },
    ],
  },
  {
    name: 'log', summary: 'entries, newest last, one by one as they are found', mutates: false, needsHuman: false, produces: [], shows: true,
    options: [
      ...WHICH,
      { flags: '--decision <decision>', description: 'permit, deny or escalate' },
      { flags: '--agent-version <version>', description: 'entries of this version of the agent' },
      { flags: '--build <digest>', description: 'entries of this build; the beginning is enough' },
      { flags: '--actor <who>', description: 'agentctl, agent, or an operator by id or DID' },
      { flags: '--text <words>', description: 'these words in data or payload, in upper or lower case' },
      { flags: '--last <n>', description: 'only the newest n' },
      { flags: '--payloads', description: 'with what the payloads hold, personal data included' },
      { flags: '--follow', description: 'go on with new entries until Ctrl-C, which ends with 130' },
      { flags: '--lines <format>', description: 'human, jsonl or csv: a line an entry; --json is one document, and JSON Lines with --follow' },
    ],
  },
  { name: 'show', summary: 'one entry whole: envelope, payload, and what belongs to it', mutates: false, needsHuman: false, produces: [], arguments: [{ name: 'seq', description: 'place of the entry, as the log shows it' }] },
  {
    name: 'export', summary: 'entries, checkpoint, key, lists and a verifier for an auditor who does not have agentctl', mutates: true, needsHuman: false, produces: [],
    options: [
      { flags: '--out <path>', description: 'new folder; or a file that ends in .jsonl, for every row and nothing else', required: true },
      ...WHICH,
      { flags: '--payloads', description: 'with what the payloads hold, personal data included' },
    ],
  },
  {
    name: 'ingest', summary: 'put on record what telemetry says that the agent did: OTLP/JSON files, or sent here', mutates: true, needsHuman: false, produces: [],
    arguments: [{ name: 'file...', description: 'OTLP/JSON, one request or one a line', required: false }],
    options: [
      { flags: '--listen <address>', description: 'port, or host:port: receive OTLP/HTTP on /v1/traces until Ctrl-C; without a host, from this machine only' },
      { flags: '--allow-host <name...>', description: 'a name by which senders ask for this machine' },
    ],
  },
  {
    name: 'erase', summary: 'destroy the payload of an entry for good; entry and chain stay, and so does who had it erased, and why', mutates: true, needsHuman: true, produces: [],
    arguments: [{ name: 'seq', description: 'number of the entry, from audit log' }],
    options: [
      { flags: '--as <operator>', description: 'operator who answers for it' },
      { flags: '--reason <code>', description: ERASURE_REASONS.join(', ') },
      { flags: '--note <text>', description: 'what else is to be told; encrypted like every payload' },
    ],
  },
  {
    name: 'backup', summary: 'copy the whole ledger and verify the copy before it gets its name', mutates: false, needsHuman: false, produces: [],
    options: [
      { flags: '--out <file>', description: 'file to write; an existing one is not overwritten', required: true },
      { flags: '--payload-keys <file>', description: 'also copy the payload keys, to another place; otherwise they stay behind' },
    ],
  },
  { name: 'checkpoint', summary: 'sign the head of the log now, and publish it to every anchor', mutates: true, needsHuman: false, produces: [], options: [...ANCHOR_OPTIONS, { flags: '--every <duration>', description: 'only when the newest one is as old as that, such as P1D: for idle times' }] },
  { name: 'prove', summary: 'one entry with its path to a signed checkpoint, as a file that is checked without the log', mutates: false, needsHuman: false, produces: [], arguments: [{ name: 'seq', description: 'number of the entry' }], options: [{ flags: '--out <file>', description: 'file to write; entry-<seq>.tlog-proof unless named' }] },
  {
    name: 'consistency', summary: 'whether one state of the log continues another, with the proof', mutates: false, needsHuman: false, produces: [],
    arguments: [{ name: 'old', description: 'a size, or a checkpoint file' }, { name: 'new', description: 'a size, or a checkpoint file' }],
    options: [{ flags: '--out <file>', description: 'write the proof, as a witness takes it' }],
  },
  {
    name: 'witness serve', summary: 'be a witness for logs: vouch for a checkpoint only when it continues what was seen', mutates: false, needsHuman: false, produces: [], outside: true,
    options: [
      { flags: '--log <vkey...>', description: 'key of a log to watch, or a file of them', required: true },
      { flags: '--port <n>', description: 'port on this machine; 0 for a free one' },
      { flags: '--folder <folder>', description: 'where its key and its memory lie; agentctl-witness unless named' },
      { flags: '--name <name>', description: 'name in its key; agentctl-witness unless named' },
    ],
  },
  {
    name: 'seal', summary: 'close the log so far into files that prove themselves, for write-once storage', mutates: true, needsHuman: false, produces: [],
    options: [{ flags: '--to <folder>', description: 'where the files go; otherwise into the store' }, { flags: '--all', description: 'also what does not fill a tile of 256 entries yet' }],
  },
  {
    name: 'prune', summary: 'let go of entries that have outlived their retention, if they are sealed; their hashes stay', mutates: true, needsHuman: true, produces: [],
    options: [{ flags: '--as <operator>', description: 'operator who answers for it' }, { flags: '--sealed <folder>', description: 'where the sealed files lie; otherwise in the store' }],
  },
];
