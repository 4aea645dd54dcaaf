/**
 * Loads a CommonJS file of dist/ with the compiled form that the build kept beside it, so that V8 need not compile it at each start.
 * The kept form is trusted exactly as the file is: the same build wrote both into the same folder. It is no part of the package that is shipped, since nobody could read it there.
 */
'use strict';
const { readFileSync, renameSync, statSync, writeFileSync } = require('node:fs');
const { createRequire, wrap } = require('node:module');
const { dirname, join, resolve } = require('node:path');
const { Script } = require('node:vm');

const DIST = join(__dirname, '../dist');
const formOf = (file) => `${file}.compiled`;

/** @returns what the file of dist/ exports; a form that is missing, of another build or of another V8 costs time and nothing else */
function load(name) {
  const file = resolve(DIST, name);
  const cachedData = kept(file);
  return cachedData === undefined ? require(file) : run(compiled(file, cachedData), file);
}

function compiled(file, cachedData) {
  // The bundler writes ASCII only, and one byte a letter is read soonest.
  return new Script(wrap(readFileSync(file, 'latin1')), { filename: file, cachedData });
}

/** As Node runs a CommonJS file, but for its cache of modules: a file is loaded once. */
function run(script, file) {
  const module = { exports: {} };
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

/** How much of a file is kept compiled: where everything has to be quick, all of it; where most is never asked for, what one short answer needs, since a longer form takes longer to read. */
const WAYS = {
  all(file) {
    const { setFlagsFromString } = require('node:v8');
    setFlagsFromString('--no-lazy');
    const script = compiled(file);
    // Back again before the form is taken: V8 notes its flags in it.
    setFlagsFromString('--lazy');
    return script;
  },
  async used(file) {
    const script = compiled(file);
    // What it says is for nobody.
    process.stdout.write = (_text, written) => (written?.(), true);
    await run(script, file).main(['explain', 'pact']);
    return script;
  },
};

async function keep(name, way) {
  const file = resolve(DIST, name);
  const script = await way(file);
  const written = Buffer.alloc(8);
  written.writeDoubleBE(statSync(file).mtimeMs);
  writeFileSync(`${formOf(file)}.new`, Buffer.concat([script.createCachedData(), written]));
  renameSync(`${formOf(file)}.new`, formOf(file));
}

module.exports = { load };

if (require.main === module) {
  const [way, ...names] = process.argv.slice(2);
  // Node ends as well when nothing can happen any more, and that is no success.
  process.exitCode = 1;
  Promise.all(names.map((name) => keep(name, WAYS[way]))).then(() => { process.exitCode = 0; });
}
