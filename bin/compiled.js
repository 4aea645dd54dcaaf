/**
 * Loads a CommonJS file of dist/ with the compiled form that the build kept beside it, so that V8 need not compile it at each start.
 * The kept form is trusted exactly as the file is: the same build wrote both into the same folder; harm that nobody meant shows in a digest. It is no part of the package that is shipped, since nobody could read it there.
 */
'use strict';
const { isAscii } = require('node:buffer');
const { createHash } = require('node:crypto');
const { readFileSync, renameSync, writeFileSync } = require('node:fs');
const { createRequire, wrap } = require('node:module');
const { dirname, join, resolve } = require('node:path');
const { Script } = require('node:vm');

const DIST = join(__dirname, '../dist');
const formOf = (file) => `${file}.compiled`;
/** Bytes of a SHA-256. */
const DIGEST = 32;

/** @returns what the file of dist/ exports; a form that is missing, damaged, of another build or of another V8 costs time and nothing else */
function load(name) {
  const file = resolve(DIST, name);
  const source = readFileSync(file);
  const cachedData = kept(file, source);
  return cachedData === undefined ? require(file) : run(compiled(file, source, cachedData), file);
}

function compiled(file, source, cachedData) {
  // One byte a letter is read soonest, but the bundler leaves other letters in regular expressions and tagged templates as they are.
  return new Script(wrap(isAscii(source) ? source.latin1Slice() : source.utf8Slice()), { filename: file, cachedData });
}

/** As Node runs a CommonJS file, but for its cache of modules: a file is loaded once. */
function run(script, file) {
  const module = { exports: {} };
  script.runInThisContext().call(module.exports, module.exports, createRequire(file), module, file, dirname(file));
  return module.exports;
}

/** V8 compares versions, flags and the length of the source, and would run whatever else it is given: that the form is whole and of this very source, the digest at its end tells. */
function kept(file, source) {
  try {
    const bytes = readFileSync(formOf(file));
    const form = bytes.subarray(0, -DIGEST);
    return bytes.length > DIGEST && digestOf(form, source).equals(bytes.subarray(-DIGEST)) ? form : undefined;
  } catch {
    return undefined;
  }
}

function digestOf(form, source) {
  return createHash('sha256').update(form).update(source).digest();
}

/**
 * Keeps what giving one answer takes: much of a file is never asked for, and a longer form takes longer to read.
 * @param words a short question that needs no agent
 */
async function keep(name, words) {
  const file = resolve(DIST, name);
  const source = readFileSync(file);
  const script = compiled(file, source);
  // What it says is for nobody.
  process.stdout.write = (_text, written) => (written?.(), true);
  const { main, quick } = run(script, file);
  await (main ?? quick)(words);
  const form = script.createCachedData();
  writeFileSync(`${formOf(file)}.new`, Buffer.concat([form, digestOf(form, source)]));
  renameSync(`${formOf(file)}.new`, formOf(file));
}

module.exports = { load };

if (require.main === module) {
  const [name, ...words] = process.argv.slice(2);
  // Node ends as well when nothing can happen any more, and that is no success.
  process.exitCode = 1;
  keep(name, words).then(() => { process.exitCode = 0; });
}
