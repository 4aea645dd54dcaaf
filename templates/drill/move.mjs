/** The tool of the escalation self-test: moves one file from inbox/ to done/ in the folder it is started in, and keeps a list of what it moved. */
import { appendFileSync, readFileSync, renameSync } from 'node:fs';

const { file } = JSON.parse(readFileSync(0, 'utf8'));
if (!/^[a-z]+\.txt$/.test(file)) throw new Error('file must be a plain name');
renameSync(`inbox/${file}`, `done/${file}`);
appendFileSync('moved', `${file}\n`);
process.stdout.write(JSON.stringify({ moved: file }));
