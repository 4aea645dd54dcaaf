/** What `monitor run` and `monitor status` show of the production traffic: the estimate across strata, and each stratum apart. */
import { span } from '../../evaluation/span.js';
import type { Table } from '../../domain/report.js';
import type { TrafficSoFar } from './traffic-so-far.js';

/** What the traffic alone tells; the rest of the pact needs a reference. */
export function trafficTables({ across, apart }: TrafficSoFar): readonly Table[] {
  if (across.length === 0) return [];
  return [
    { title: 'Production traffic', columns: ['condition', 'share', 'n', 'worth', 'interval'], rows: across.map(({ condition, value, n, effective, lower, upper }) => [condition, value, String(n), Number(effective).toFixed(1), span(lower, upper)]) },
    { title: 'Production traffic by stratum', columns: ['stratum', 'condition', 'share', 'n', 'interval'], rows: apart.map(({ stratum, condition, value, n, lower, upper }) => [stratum, condition, value, String(n), span(lower, upper)]) },
  ];
}

export const TRAFFIC_NOTE =
  'Production traffic: every error and complaint is in, the rest by chance, and each request counts once, for as many as it stands for; "worth" is how many of equal weight would tell as much. By stratum, intervals hold at every look; requests that were complained about later stay there where they were seen first.';
