/** Entry types of rollback: snapshots, activations of a version, rehearsals. */
import { INSTANT } from '../../domain/time.js';
import { boolean, integer, nullable, object, oneOf, string } from '../../domain/schema.js';
import { digestText } from './action.js';

const milliseconds = integer({ minimum: 0 });
const act = {
  act: digestText('Envelope of the human act, stored as a blob.'),
  subject: digestText('What the operator signed: the snapshot that is gone to.'),
  operator: string({ description: 'Operator who acted.', maxLength: 100 }),
  ceremony: oneOf(['interactive', 'scripted'], { description: 'Whether a human or a stand-in signed.' }),
};

export const rollbackTypes = {
  'snapshot.taken': object(
    {
      snapshot: digestText('The snapshot document: build, files by digest, accepted baseline.'),
      deliverable: digestText('The same digest, as artifacts/snapshot.json.'),
      build: digestText('Build that was kept.'),
      baseline: digestText('Accepted baseline of that build.'),
      files: integer({ description: 'Files kept, each as a blob.', minimum: 1 }),
      keepUntil: string({ description: 'Kept at least until then.', pattern: INSTANT.source }),
    },
    { description: 'A build was kept by its content.' },
  ),
  'activation.recorded': object(
    {
      kind: oneOf(['launch', 'upgrade', 'rollback', 'drill'], { description: 'Why it was activated; a drill changes nothing for good.' }),
      build: digestText('Build that runs from now on.'),
      previous: nullable(digestText('Build that was active before; null for the first.')),
      environment: string({ description: 'Where it runs.', pattern: '^[ -~]+$', maxLength: 200 }),
      snapshot: nullable(digestText('Snapshot that it came from; null for the other build of a drill.')),
      reported: digestText('Build that the running agent reported afterwards, file by file.'),
      ...act,
    },
    { description: 'A version was activated.' },
  ),
  'rollback.drilled': object(
    {
      from: digestText('Build that ran before the restore.'),
      to: digestText('Build that the running agent reported after it.'),
      snapshot: digestText('Snapshot that was restored.'),
      milliseconds: object({ materialise: milliseconds, start: milliseconds, verify: milliseconds }, { description: 'Machine time, without a human.' }),
      verified: boolean({ description: 'The running agent reported exactly the restored build.' }),
      ...act,
    },
    { description: 'A restore was rehearsed and timed.' },
  ),
} as const;
