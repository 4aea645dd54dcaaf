import { describe, expect, test } from '@jest/globals';
import { lstat, mkdir, mkdtemp, readFile, readdir, symlink, writeFile } from 'node:fs/promises';
import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { files } from '../../src/adapters/files.js';
import { filesNow } from '../../src/adapters/files-now.js';
import type { Files } from '../../src/domain/ports.js';
import { visible } from '../../src/domain/visible.js';

const disk = files();
const folder = () => mkdtemp(join(tmpdir(), 'agentctl-'));
const modeOf = async (path: string) => (await lstat(path)).mode & 0o777;

describe('write', () => {
  test('writes bytes and text, makes missing folders, and leaves no temporary file', async () => {
    const at = await folder();
    await disk.write(join(at, 'a/b/c.txt'), 'héllo');
    await disk.write(join(at, 'a/b/d.bin'), new Uint8Array([0, 255]));
    expect(await disk.readText(join(at, 'a/b/c.txt'))).toBe('héllo');
    expect([...(await disk.read(join(at, 'a/b/d.bin')))]).toEqual([0, 255]);
    expect(await readdir(join(at, 'a/b'))).toEqual(['c.txt', 'd.bin']);
  });

  test('writes what comes in parts; when it breaks off, the old file stays and no temporary one', async () => {
    const at = await folder();
    const parts = async function* (breaks: boolean) {
      yield 'one\n';
      await Promise.resolve();
      if (breaks) throw new Error('the source broke');
      yield 'two\n';
    };
    await disk.write(join(at, 'lines'), parts(false), 0o600);
    expect([await disk.readText(join(at, 'lines')), await modeOf(join(at, 'lines'))]).toEqual(['one\ntwo\n', 0o600]);
    await expect(disk.write(join(at, 'lines'), parts(true))).rejects.toThrow('the source broke');
    expect([await disk.readText(join(at, 'lines')), await readdir(at)]).toEqual(['one\ntwo\n', ['lines']]);
  });

  test('lines come one by one, whatever their ends; one that is too long or no text is refused at its place', async () => {
    const at = await folder();
    const linesOf = async (text: string | Uint8Array, longest = 100_000) => {
      await disk.write(join(at, 'text'), text);
      const seen: string[] = [];
      for await (const line of disk.lines(join(at, 'text'), longest)) seen.push(line);
      return seen;
    };
    const long = 'é'.repeat(49_999);
    expect(await linesOf(`one\n\n${long}\nlast`)).toEqual(['one', '', long, 'last']);
    expect([await linesOf(''), await linesOf('one\n')]).toEqual([[], ['one']]);
    await expect(linesOf(`one\n${long}\n`, 1000)).rejects.toMatchObject({ code: 'INPUT_INVALID', at: `${join(at, 'text')}:2` });
    await expect(linesOf(Uint8Array.of(0x61, 0x0a, 0xff, 0x0a))).rejects.toMatchObject({ code: 'INPUT_INVALID', at: `${join(at, 'text')}:2` });
    await expect(disk.lines(join(at, 'none'), 10)[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'IO' });
  });

  test('the mode is the one that was asked for, and a rewritten file keeps its own', async () => {
    const at = await folder();
    const before = process.umask(0o077);
    try {
      await disk.write(join(at, 'open'), 'x', 0o644);
    } finally {
      process.umask(before);
    }
    expect(await modeOf(join(at, 'open'))).toBe(0o644);
    await disk.write(join(at, 'secret'), 'x', 0o600);
    await disk.write(join(at, 'secret'), 'y');
    expect(await modeOf(join(at, 'secret'))).toBe(0o600);
  });

  test('a link in the way is replaced and what it points to stays untouched', async () => {
    const at = await folder();
    await writeFile(join(at, 'precious'), 'precious');
    await symlink(join(at, 'precious'), join(at, 'report'));
    await disk.write(join(at, 'report'), 'new');
    expect(await readFile(join(at, 'precious'), 'utf8')).toBe('precious');
    expect((await disk.info(join(at, 'report')))?.kind).toBe('file');
  });

  test('readers see the old bytes or the new ones while twenty writers race', async () => {
    const at = join(await folder(), 'f');
    const texts = Array.from({ length: 20 }, (_, index) => String(index).repeat(50_000));
    await disk.write(at, texts[0] ?? '');
    const writes = Promise.all(texts.map((text) => disk.write(at, text)));
    for (let index = 0; index < 20; index += 1) expect(texts).toContain(await disk.readText(at));
    await writes;
    expect(await readdir(join(at, '..'))).toEqual(['f']);
  });

  test('a failed write leaves the old file and no temporary one', async () => {
    const at = await folder();
    await mkdir(join(at, 'taken'));
    await expect(disk.write(join(at, 'taken'), 'x')).rejects.toMatchObject({ code: 'IO', at: join(at, 'taken') });
    expect(await readdir(at)).toEqual(['taken']);
  });
});

describe('faults name the path and a way out', () => {
  test.each([
    ['read', (at: string) => disk.read(join(at, 'none')), 'none', /does not exist/],
    ['list', (at: string) => disk.list(join(at, 'none')), 'none', /does not exist/],
    ['move', (at: string) => disk.move(join(at, 'none'), join(at, 'b')), 'none', /does not exist/],
    ['read a folder', (at: string) => disk.read(at), '', /it is a folder/],
    ['write below a file', (at: string) => disk.write(join(at, 'file/x'), 'x'), 'file/x', /no folder is in the way/],
    ['read through a circle', (at: string) => disk.read(join(at, 'circle')), 'circle', /symbolic link/],
  ])('%s', async (_name, act, path, reason) => {
    const at = await folder();
    await writeFile(join(at, 'file'), '');
    await symlink('circle', join(at, 'circle'));
    await expect(act(at)).rejects.toMatchObject({ code: 'IO', at: join(at, path), message: expect.stringMatching(reason), hint: expect.stringMatching(/./) });
  });

  test('a device is refused: reading it would never end', async () => {
    const at = join(await folder(), 'endless');
    await symlink('/dev/zero', at);
    await expect(disk.readText(at)).rejects.toMatchObject({ code: 'IO', exit: 6, at, message: expect.stringContaining('it is a device') });
  });

  test('a pipe that lies about is refused: nobody may ever write to it', async () => {
    const at = join(await folder(), 'pipe');
    execFileSync('mkfifo', [at]);
    await expect(disk.readText(at)).rejects.toMatchObject({ code: 'IO', exit: 6, at, message: expect.stringContaining('it is a pipe') });
  });

  test('what is no file is not replaced by one: a pipe stays a pipe, and the machine keeps its devices', async () => {
    const at = join(await folder(), 'pipe');
    execFileSync('mkfifo', [at]);
    await expect(disk.write(at, 'x')).rejects.toMatchObject({ code: 'IO', exit: 6, at, message: expect.stringContaining('it is a pipe'), hint: 'name a file' });
    expect((await lstat(at)).isFIFO()).toBe(true);
    // Not a path whose loss would be felt, should this ever fail.
    await expect(disk.write('/dev/fd/1', 'x')).rejects.toMatchObject({ code: 'IO', exit: 6, message: expect.stringContaining('belongs to the system') });
  });

  test('a full disk is said to be full', async () => {
    await expect(disk.write('/dev/full/x', 'x')).rejects.toMatchObject({ code: 'IO' });
  });

  test('bytes that are no text are not silently mended', async () => {
    const at = join(await folder(), 'latin1');
    await writeFile(at, Buffer.from([0x66, 0xfc]));
    await expect(disk.readText(at)).rejects.toMatchObject({ code: 'INPUT_INVALID', at });
  });
});

describe('list, info, move, remove, makeFolder', () => {
  test('lists files sorted by code unit with links as links, and never follows one', async () => {
    const at = await folder();
    for (const name of ['b/x', 'a', 'B', 'b-c', 'b/é']) await disk.write(join(at, name), name);
    await symlink('/etc', join(at, 'b/etc'));
    await symlink('..', join(at, 'b/up'));
    const listed = await disk.list(at);
    expect(listed.map(({ path, kind }) => `${path} ${kind}`)).toEqual(['B file', 'a file', 'b-c file', 'b/etc link', 'b/up link', 'b/x file', 'b/é file']);
    expect(listed.find(({ path }) => path === 'b-c')?.size).toBe(3);
  });

  test('a fifo is a special file, and nobody waits on it', async () => {
    const at = await folder();
    execFileSync('mkfifo', [join(at, 'pipe')]);
    expect((await disk.list(at))[0]?.kind).toBe('special file');
  });

  test('info and exists answer for what is not there', async () => {
    const at = await folder();
    await writeFile(join(at, 'file'), '');
    expect(await disk.info(join(at, 'none'))).toBeUndefined();
    expect(await disk.exists(join(at, 'file/below'))).toBe(false);
    await symlink('nowhere', join(at, 'dangling'));
    expect(await disk.exists(join(at, 'dangling'))).toBe(true);
  });

  test('moves between folders; removes files and folders; what is gone is no fault', async () => {
    const at = await folder();
    await disk.write(join(at, 'new/1'), 'mail');
    await disk.makeFolder(join(at, 'spam'), 0o700);
    await disk.makeFolder(join(at, 'spam'), 0o700);
    expect(await modeOf(join(at, 'spam'))).toBe(0o700);
    await disk.move(join(at, 'new/1'), join(at, 'spam/1'));
    expect((await disk.list(at)).map(({ path }) => path)).toEqual(['spam/1']);
    await disk.remove(join(at, 'spam'));
    await disk.remove(join(at, 'spam'));
    expect(await disk.exists(join(at, 'spam'))).toBe(false);
  });

  test('makes what is missing above, while others make the same', async () => {
    const at = await folder();
    await Promise.all(['a/b/c', 'a/b/d', 'a/b/c'].map((path) => disk.makeFolder(join(at, path), 0o700)));
    expect(await Promise.all(['a', 'a/b', 'a/b/c', 'a/b/d'].map((path) => modeOf(join(at, path))))).toEqual([0o700, 0o700, 0o700, 0o700]);
    await symlink('a', join(at, 'link'));
    await disk.makeFolder(join(at, 'link/e'));
    expect(await readdir(join(at, 'a'))).toEqual(['b', 'e']);
  });

  test.each(['/proc/none', '/proc/none/of/these'])('ends where nothing can be made: %s', async (path) => {
    await expect(disk.makeFolder(path)).rejects.toMatchObject({ code: 'IO', at: path });
  });
});

test('files-now gives the answers of files', async () => {
  const at = await folder();
  await disk.write(join(at, 'b/two.txt'), 'zwölf');
  await disk.write(join(at, 'one.txt'), 'eins', 0o600);
  await symlink('one.txt', join(at, 'link'));
  await symlink('/dev/zero', join(at, 'endless'));
  await writeFile(join(at, 'latin1'), Buffer.from([0x66, 0xfc]));
  execFileSync('mkfifo', [join(at, 'pipe')]);
  const now = filesNow();
  const answers = (files: Files) => Promise.all([
    files.list(at), ...['one.txt', 'link', 'none', 'one.txt/x', 'pipe', 'b'].flatMap((name) => [files.info(join(at, name)), files.exists(join(at, name))]),
    ...['one.txt', 'link', 'none', 'b', 'latin1', 'endless', 'pipe'].flatMap((name) => [files.read(join(at, name)), files.readText(join(at, name))].map((answer) => answer.then((value) => Buffer.from(value).toString('hex'), ({ code, message }: { code: string; message: string }) => [code, message]))),
    files.list(join(at, 'none')).catch(({ code, message }: { code: string; message: string }) => [code, message]),
  ]);
  expect(await answers(now)).toEqual(await answers(disk));
  await now.write(join(at, 'three'), 'drei');
  expect(await now.readText(join(at, 'three'))).toBe('drei');
});

test('visible shows what hides and is idempotent', () => {
  const hostile = 'a\u001b[31m\nb\u202ec\u200bd\u{e0041}e\ufe0f\u0085é漢🙂';
  expect(visible(hostile)).toBe('a\\x1b[31m\\nb\\u202ec\\u200bd\\u{e0041}e\\ufe0f\\x85é漢🙂');
  expect(visible(visible(hostile))).toBe(visible(hostile));
  expect(visible('\ud800')).toBe('\\ud800');
});
