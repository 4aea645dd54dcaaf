/** JSON data as block YAML 1.2, for texts that people go on to edit. */
import { isObject, type Json } from './json.js';

/** Read as text by every YAML schema; all else goes into quotes. */
const PLAIN = /^[A-Za-z][A-Za-z0-9]*(?:[ _./-][A-Za-z0-9]+)*$/;
const WORDS = /^(true|false|null|yes|no|on|off|y|n)$/i;

/** Ends in a line break. Quoted texts are JSON's, which YAML reads alike. */
export function yamlText(value: Json): string {
  return `${lines(value).join('\n')}\n`;
}

function lines(value: Json): readonly string[] {
  if (Array.isArray(value) && value.length > 0) return (value as readonly Json[]).flatMap((item) => indented('- ', lines(item)));
  if (isObject(value) && Object.keys(value).length > 0) return Object.entries(value).flatMap(([key, member]) => entry(scalar(key), member));
  return [scalar(value)];
}

function entry(key: string, member: Json): readonly string[] {
  const below = lines(member);
  const nested = (Array.isArray(member) && member.length > 0) || (isObject(member) && Object.keys(member).length > 0);
  return nested ? [`${key}:`, ...below.map((line) => `  ${line}`)] : [`${key}: ${below[0] ?? ''}`];
}

function indented(mark: string, [first = '', ...rest]: readonly string[]): readonly string[] {
  return [`${mark}${first}`, ...rest.map((line) => `  ${line}`)];
}

function scalar(value: Json): string {
  return typeof value === 'string' && PLAIN.test(value) && !WORDS.test(value) ? value : JSON.stringify(value);
}
