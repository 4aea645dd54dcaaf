/** A cron expression in words, and ready lines for the schedulers that cannot be trusted to be there. */

const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];

/** The common shapes in words; anything else is quoted as it stands. All times are UTC. */
export function cronInWords(cron: string): string {
  const [minute = '*', hour = '*', day = '*', month = '*', weekday = '*'] = cron.trim().split(/\s+/);
  const number = /^\d{1,2}$/;
  const at = `${hour.padStart(2, '0')}:${minute.padStart(2, '0')} UTC`;
  const everyDay = day === '*' && month === '*';
  if (number.test(minute) && number.test(hour)) {
    if (everyDay && weekday === '*') return `every day at ${at}`;
    if (everyDay && /^[0-7]$/.test(weekday)) return `every ${DAYS[Number(weekday)] ?? ''} at ${at}`;
    if (number.test(day) && month === '*' && weekday === '*') return `on day ${day} of every month at ${at}`;
  }
  if (number.test(minute) && hour === '*' && everyDay && weekday === '*') return `every hour at minute ${minute}`;
  const step = /^\*\/(\d{1,2})$/.exec(hour)?.[1];
  if (number.test(minute) && step !== undefined && everyDay && weekday === '*') return `every ${step} hours at minute ${minute}, UTC`;
  return `cron "${cron}", in UTC`;
}

/** Whether crontab and GitHub Actions understand it: no last days, nearest weekdays or nth weekdays. */
export function isPortable(cron: string): boolean {
  const [, , day = '', , weekday = ''] = cron.trim().split(/\s+/);
  return !/[LW]/i.test(day) && !/#|\dL|^L$/i.test(weekday);
}

export function crontabLine(cron: string, folder: string): string {
  return `${cron} cd '${folder.replaceAll("'", "'\\''")}' && agentctl monitor run --no-input --quiet`;
}

export function workflow(cron: string): string {
  return [
    'on:', '  schedule:', `    - cron: "${cron}"`, '  workflow_dispatch: {}', 'jobs:', '  monitor:', '    runs-on: ubuntu-latest', '    steps:',
    '      - uses: actions/checkout@v5', '      - run: node bin/agentctl.js monitor run --no-input',
  ].join('\n');
}
