/** A file of ours that another process is writing for the first time is either still empty or whole. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, expect, test } from '@jest/globals';
import { configure, isCurrent, migrate, type Format } from '../../src/adapters/sqlite-format.js';

const folder = mkdtempSync(join(tmpdir(), 'agentctl-format-'));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const format: Format = { what: 'a file of tests', applicationId: 0x7e57, migrations: [(db) => db.exec('CREATE TABLE one (id INTEGER) STRICT')] };

test('8.2 the marks of a file are read in one view of it, whoever writes them meanwhile', () => {
  const path = join(folder, 'file.db');
  const [reader, writer] = [new Database(path), new Database(path)];
  for (const db of [reader, writer]) configure(db, path);
  // Another process is through with everything just after the first mark was read.
  const overtaken = new Proxy(reader, {
    get: (target, key) => {
      const value: unknown = Reflect.get(target, key, target);
      if (key !== 'pragma') return typeof value === 'function' ? (value as () => unknown).bind(target) : value;
      return (...words: Parameters<typeof reader.pragma>) => {
        const read: unknown = target.pragma(...words);
        if (words[0] === 'application_id') migrate(writer, path, format);
        return read;
      };
    },
  });
  expect(isCurrent(overtaken, path, format)).toBe(false);
  expect(isCurrent(reader, path, format)).toBe(true);
  for (const db of [reader, writer]) db.close();
});
