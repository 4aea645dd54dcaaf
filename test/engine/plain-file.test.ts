/** What a flag names: a file, nothing, or something that is no file. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { files } from '../../src/adapters/files.js';
import { plainFile } from '../../src/engine/plain-file.js';
import { faultOf, withFolder } from '../support/folder.js';

test('a file is told apart from nothing, and both from a device or a folder', () =>
  withFolder(async (folder) => {
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'history.jsonl'), '{}');
    const look = (path: string) => plainFile({ files: files() }, path, { code: 'EVIDENCE_MISSING', what: 'history', given: path, hint: 'agentctl trust history' });
    expect(await look(join(folder, 'history.jsonl'))).toMatchObject({ size: 2 });
    expect(await faultOf(look(join(folder, 'none')))).toMatchObject({ exit: 3, message: expect.stringContaining('there is no history at') });
    for (const path of ['/dev/zero', folder]) expect(await faultOf(look(path))).toMatchObject({ exit: 2, message: `${path} is not a regular file, so it holds no history`, hint: 'agentctl trust history' });
  }));
