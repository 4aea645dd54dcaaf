/** The schedule in the words of a scheduler: GitHub Actions, crontab, systemd or Kubernetes. What one cannot express is refused, not bent. */
import { Fault } from '../../domain/fault.js';
import { crontabLine, isPortable, workflow } from './words.js';

export const FORMATS = ['github', 'cron', 'systemd', 'kubernetes'] as const;
export type Format = (typeof FORMATS)[number];

export interface Emitted {
  readonly cron: string;
  readonly folder: string;
  /** Name of the agent, as in agent.yaml. */
  readonly name: string;
  /** Longest wait between due times, in seconds. */
  readonly interval: number;
}

/** Text for a file, with a line feed at its end. @throws {Fault} MANIFEST_INVALID when the schedule says what the format cannot */
export function emit(format: Format, what: Emitted): string {
  if (!isPortable(what.cron)) throw refused(what.cron, `${format} has no last days, nearest weekdays or nth weekdays`);
  const text = { github: () => workflow(what.cron), cron: () => `# In UTC: set the clock of the machine to it, since CRON_TZ is not understood everywhere.\n${crontabLine(what.cron, what.folder)}`, systemd: () => systemd(what), kubernetes: () => kubernetes(what) }[format]();
  return `${text}\n`;
}

function refused(cron: string, why: string): Fault {
  return new Fault('MANIFEST_INVALID', `the schedule "${cron}" cannot be written: ${why}`, { at: 'agent.yaml: monitoring.schedule', hint: 'for example "17 3 * * *"' });
}

/** Seconds that a late start still covers its due time, as the ledger counts it. */
const graceSeconds = ({ interval }: Emitted) => Math.floor(Math.min(interval / 2, 7200));

/** Persistent: one run is caught up after the machine was off, not every missed one. */
function systemd({ cron, folder, name }: Emitted): string {
  return [
    `# agentctl-${name}.timer`, '[Unit]', `Description=Scheduled evaluation of ${name}`, '', '[Timer]', `OnCalendar=${calendarOf(cron)}`, 'Persistent=true', 'RandomizedDelaySec=120', '', '[Install]', 'WantedBy=timers.target', '',
    `# agentctl-${name}.service`, '[Unit]', `Description=Scheduled evaluation of ${name}`, '', '[Service]', 'Type=oneshot', `WorkingDirectory=${folder.replaceAll('%', '%%')}`, 'ExecStart=/usr/bin/env agentctl monitor run --no-input --quiet',
  ].join('\n');
}

function kubernetes(what: Emitted): string {
  return [
    'apiVersion: batch/v1', 'kind: CronJob', 'metadata:', `  name: agentctl-${what.name}`, 'spec:', `  schedule: "${what.cron}"`, '  timeZone: Etc/UTC', '  concurrencyPolicy: Forbid', `  startingDeadlineSeconds: ${graceSeconds(what)}`,
    '  jobTemplate:', '    spec:', '      backoffLimit: 0', '      template:', '        spec:', '          restartPolicy: Never', '          containers:', '            - name: monitor', '              image: IMAGE-THAT-HOLDS-AGENTCTL-AND-THE-AGENT',
    '              workingDir: /agent', '              command: [agentctl, monitor, run, --no-input, --quiet]', '              # The store must outlive the pod.', '              volumeMounts: [{ name: agent, mountPath: /agent }]', '          volumes: [{ name: agent, persistentVolumeClaim: { claimName: agent } }]',
  ].join('\n');
}

const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'] as const;

/** A cron expression as OnCalendar has it. @throws {Fault} MANIFEST_INVALID for day and weekday at once: cron takes either, systemd both */
function calendarOf(cron: string): string {
  const [minute = '*', hour = '*', day = '*', month = '*', weekday = '*'] = cron.trim().split(/\s+/);
  if (day !== '*' && weekday !== '*') throw refused(cron, 'cron runs on the day or the weekday, systemd on days that are both');
  const field = (text: string, least: number) => text.split(',').map((part) => timePart(cron, part, least)).join(',');
  const days = weekday === '*' ? '' : `${weekday.split(',').map((part) => weekdayPart(cron, part)).join(',')} `;
  return `${days}*-${field(month, 1)}-${field(day, 1)} ${field(hour, 0)}:${field(minute, 0)}:00 UTC`;
}

function timePart(cron: string, part: string, least: number): string {
  const [, from = '', to, step] = /^(\*|\d{1,2})(?:-(\d{1,2}))?(?:\/(\d{1,2}))?$/.exec(part) ?? [];
  if (from === '') throw refused(cron, `"${part}" is not understood by systemd`);
  const start = from === '*' && step !== undefined ? String(least) : from;
  const range = to === undefined ? two(start) : `${two(start)}..${two(to)}`;
  return step === undefined ? range : `${range}/${step}`;
}

const two = (text: string) => (text === '*' ? text : text.padStart(2, '0'));

function weekdayPart(cron: string, part: string): string {
  const names = part.split('-').map((one) => WEEKDAYS[/^\d$/.test(one) ? Number(one) : -1] ?? WEEKDAYS.find((name) => name.toLowerCase() === one.toLowerCase()));
  if (names.length > 2 || names.some((name) => name === undefined)) throw refused(cron, `the weekday "${part}" is not understood by systemd`);
  return names.join('..');
}
