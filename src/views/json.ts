/** The one JSON document of a command, the same shape for success and fault. */
import { EXIT, type Exit } from '../domain/fault.js';
import type { FaultView, Report } from '../domain/report.js';

export function jsonReport({ kind, exit, data }: Report): string {
  return document({ schema: `agentctl/${kind}/v1`, ok: exit === EXIT.yes, exit, report: data });
}

export function jsonFault({ code, message, hint, at, details }: FaultView, exit: Exit): string {
  return document({ schema: 'agentctl/fault/v1', ok: false, exit, fault: { code, message, hint, at, details } });
}

export function document(value: object): string {
  return `${escaped(JSON.stringify(value, null, 2))}\n`;
}

/** The same on one line, for results of many. */
export function line(value: object): string {
  return `${escaped(JSON.stringify(value))}\n`;
}

/** Unseen characters can stand in strings only; written as \u escapes the document is the same and shows them. */
function escaped(text: string): string {
  return text.replace(/[\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u007f-\u009f]/gu, escape);
}

function escape(character: string): string {
  return Array.from({ length: character.length }, (_, index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`).join('');
}
