/** The demo: two real models on the same texts, one accepted as the baseline, the other measured against it and found worse where it was promised to be good. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AGENTCTL, heading, openStage, say } from '../stage.js';

const stage = openStage(fileURLToPath(new URL('.', import.meta.url)), ['agent.js', 'agent.yaml', 'lib', 'model.json', 'package.json', 'README.md']);

process.exitCode = await demo();

async function demo() {
  heading('The agent');
  await stage.prepare();
  say('language-id names the language of a text. model.json chooses one of two models from npm: franc 6.2.0 now, tinyld 1.3.4 later.');
  say('$ agentctl init --yes');
  await stage.answer(['init', '--yes']);
  await stage.agentctl(['identity', 'register']);
  await stage.agentctl(['pact', 'lint']);
  await stage.standIn('erin', ['pact', 'sign', '--as', 'erin']);

  heading('franc is measured, and becomes the baseline');
  await stage.agentctl(['baseline', 'run']);
  await stage.standIn('erin', ['baseline', 'accept', '--as', 'erin']);

  heading('tinyld is the candidate');
  writeFileSync(join(stage.folder, 'model.json'), '{ "engine": "tinyld", "version": "1.3.4" }\n');
  edit('agent.yaml', 'id: franc-6.2.0', 'id: tinyld-1.3.4');
  say('model.json names the other model, agent.yaml its id. Nothing else changed.');
  await stage.agentctl(['baseline', 'run']);
  say('It meets the whole pact too. So is it as good?');

  heading('The same texts, before and after');
  const verdict = await stage.agentctl(['baseline', 'compare'], [0, 1]);
  const { report } = await stage.answer(['baseline', 'compare']);
  const { after, flips } = report.data;
  // The order of flips is that of the runs: by name it is the same text each time.
  const [lost] = flips.filter((flip) => flip.before === 'pass' && flip.case.endsWith('-whole')).map((flip) => flip.case).sort();
  say('One of the paragraphs that it gets wrong and the baseline got right:');
  await stage.agentctl(['baseline', 'show', '--run', after, '--case', lost]);

  heading('To look at, and to take elsewhere');
  say('$ agentctl baseline report -o html=report.html');
  await stage.answer(['baseline', 'report', '-o', 'html=report.html']);
  await stage.agentctl(['baseline', 'export', '--to', 'promptfoo', '--out', 'promptfoo.json']);
  say(`report.html of the candidate: intervals, who is taken for whom, calibration: ${join(stage.folder, 'report.html')}`);
  say(`Look around: cd ${stage.folder} && export AGENTCTL_CONFIG_DIR=${stage.config}`);
  say(`  node ${AGENTCTL} baseline compare -o html=compare.html        node ${AGENTCTL} baseline show`);
  process.stdout.write(`folder: ${stage.folder}\n`);
  // A compare that found no regression would be another story than the one told here.
  return verdict === 1 ? 0 : 1;
}

function edit(name, from, to) {
  const path = join(stage.folder, name);
  writeFileSync(path, readFileSync(path, 'utf8').replace(from, to));
}
