/** Which meter measures what a condition is about. */
import type { Condition } from './condition.js';
import { calibrationErrorMeter } from './meters/calibration-error.js';
import { f1Meter } from './meters/f1.js';
import { latencyMeter } from './meters/latency.js';
import { meanMeter } from './meters/mean.js';
import { proportionMeter } from './meters/proportion.js';
import { rankingMeter } from './meters/ranking.js';
import type { Meter } from './meters/meter.js';

/** The meter of a condition's metric. */
export function meterOf(condition: Condition): Meter {
  switch (condition.metric) {
    case 'latency-p50': return latencyMeter(0.5);
    case 'latency-p95': return latencyMeter(0.95);
    case 'latency-p99': return latencyMeter(0.99);
    case 'confidence-auroc': return rankingMeter();
    case 'brier': case 'score-mean': case 'cost-mean': case 'tokens-mean': return meanMeter(condition);
    case 'ece': return calibrationErrorMeter();
    case 'f1': return f1Meter(condition);
    default: return proportionMeter(condition);
  }
}
