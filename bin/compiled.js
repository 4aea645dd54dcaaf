/**
 * Loads a CommonJS file of dist/ with the compiled form that the build kept beside it, so that V8 need not compile it at each start.
 * The kept form is trusted exactly as the file is: the same build wrote both into the same folder. It is no part of the package that is shipped, since nobody could read it there.
 */
'use strict';
const { readFileSync, renameSync, statSync, writeFileSync } = require('node:fs');
const { createRequire, wrap } = require('node:module');
const { dirname, join } = require('node:path');
const { Script } = require('node:vm');

const DIST = join(__dirname, '../dist');
const formOf = (file) => `${file}.compiled`;
// The bundler writes ASCII only, and one byte a letter is read soonest.
const sourceOf = (file) => wrap(readFileSync(file, 'latin1'));

/** @returns what the file of dist/ exports; a form that is missing, of another build or of another V8 costs time and nothing else */
function load(name) {
  const file = join(DIST, name);
  const cachedData = kept(file);
  if (cachedData === undefined) return require(file);
  const module = { exports: {} };
  const script = new Script(sourceOf(file), { filename: file, cachedData });
  script.runInThisContext().call(module.exports, module.exports, createRequire(file), module, file, dirname(file));
  return module.exports;
}

/** V8 compares versions, flags and the length of the source; that it is this very source, the time of its writing at the end of the form tells. */
function kept(file) {
  try {
    const form = readFileSync(formOf(file));
    const end = form.length - 8;
    return form.readDoubleBE(end) === statSync(file).mtimeMs ? form.subarray(0, end) : undefined;
  } catch {
    return undefined;
  }
}

/** Keeps every function of the file compiled, not only those that V8 compiles at first sight. */
function keep(name) {
  const { setFlagsFromString } = require('node:v8');
  const file = join(DIST, name);
  setFlagsFromString('--no-lazy');
  const script = new Script(sourceOf(file), { filename: file });
  // Back again before the form is taken: V8 notes its flags in it.
  setFlagsFromString('--lazy');
  const written = Buffer.alloc(8);
  written.writeDoubleBE(statSync(file).mtimeMs);
  writeFileSync(`${formOf(file)}.new`, Buffer.concat([script.createCachedData(), written]));
  renameSync(`${formOf(file)}.new`, formOf(file));
}

module.exports = { load };

if (require.main === module) process.argv.slice(2).forEach((name) => { keep(name); });
