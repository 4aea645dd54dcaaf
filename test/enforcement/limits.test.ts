/** Limits and triggers as sections of the manifest, and the worst loss until detection. */
import { describe, expect, test } from '@jest/globals';
import { schemas } from '../../src/adapters/schemas.js';
import { limitsSection, lintLimits, parseLimits, worstLoss, type LimitsSection } from '../../src/enforcement/limits.js';
import { lintTriggers, triggersSection, type TriggersSection } from '../../src/enforcement/triggers.js';
import type { JsonObject } from '../../src/domain/json.js';
import { CAPABILITIES, LIMITS, TOOLS, TRIGGERS } from './fixture.js';

const checker = schemas();
const declared = { tools: TOOLS, capabilities: CAPABILITIES };

describe('4.1 the section limits', () => {
  test.each<[string, JsonObject, string[]]>([
    ['as it should be', {}, []],
    ['a number', { perDay: 250 }, ['/perDay']],
    ['a typo', { perDays: '1' }, ['']],
    ['calendar days are not offered, since nothing enforces them', { window: 'calendar-day' }, ['/window']],
    ['a month as delay', { detectionDelay: 'P1M' }, ['/detectionDelay']],
    ['a negative amount', { perTransaction: '-1' }, ['/perTransaction']],
  ])('%s', async (_name, change, pointers) => {
    const issues = await checker.check(limitsSection, { ...LIMITS, ...change });
    expect(issues.map(({ pointer }) => pointer)).toEqual(pointers);
  });

  test.each<[string, Partial<LimitsSection>, string[]]>([
    ['as it should be', {}, []],
    ['one transaction over the day', { perTransaction: '251' }, ['/limits/perTransaction']],
    ['unknown currency', { currency: 'XYZ', escrowAbove: '1' }, ['/limits/perTransaction', '/limits/perDay', '/limits/escrowAbove', '/capabilities/0/amounts/0/currency']],
    ['too precise', { perDay: '250.001' }, ['/limits/perDay']],
    ['more than the ledger counts', { perDay: '9'.repeat(20) }, ['/limits/perDay']],
    ['a tool nobody declared', { alwaysHuman: ['move', 'rm'] }, ['/limits/alwaysHuman/1']],
    ['another currency than the amounts', { currency: 'EUR' }, ['/capabilities/0/amounts/0/currency']],
  ])('lint: %s', (_name, change, places) => {
    expect(lintLimits({ ...LIMITS, ...change }, declared).map(({ at }) => at)).toEqual(places);
  });
});

describe('4.5 the worst loss until detection', () => {
  test.each<[string, Partial<LimitsSection>, bigint, bigint]>([
    ['within a day', { detectionDelay: 'PT1H' }, 25_000n, 1n],
    ['exactly a day touches two limits', { detectionDelay: 'P1D' }, 50_000n, 2n],
    ['a second less touches one', { detectionDelay: 'PT23H59M59S' }, 25_000n, 1n],
    ['a week', { detectionDelay: 'P7D' }, 200_000n, 8n],
    ['exact beyond 2^53', { perDay: '10000000000000000.01', detectionDelay: 'PT1S' }, 1_000_000_000_000_000_001n, 1n],
    ['no money', { perTransaction: '0', perDay: '0' }, 0n, 2n],
  ])('%s', (_name, change, minor, windows) => {
    expect(worstLoss(parseLimits({ ...LIMITS, ...change }))).toMatchObject({ amount: { minor, currency: 'USD' }, windows });
  });

  test('is explained, actions included', () => {
    expect(worstLoss(parseLimits(LIMITS)).because).toBe('250.00 USD per rolling 24 hours × 2 (a delay of P1D touches 2 full limits) = 500.00 USD; no limit on the number of actions');
    expect(worstLoss(parseLimits({ ...LIMITS, perTransaction: '0', perDay: '0', maximumActionsPerHour: 10 }), 'PT30M').because).toBe('no money: the daily limit is 0 USD; at most 10 actions until then');
    expect(worstLoss(parseLimits({ ...LIMITS, maximumActionsPerHour: 10 })).actions).toBe(250n);
  });
});

describe('6.1–6.6 the section triggers', () => {
  const full: TriggersSection = {
    ...TRIGGERS, materiality: { above: '20' }, confidence: { below: '0.9' }, scope: { minimum: 'met' }, firstEncounter: { fields: ['/to'], learn: 'approved' },
    custom: [{ id: 'c', pointer: '/to', operator: 'eq', value: 'bob' }],
  };
  test.each<[string, JsonObject, string[]]>([
    ['as it should be', {}, []],
    ['a confidence as number', { confidence: { below: 0.9 } }, ['/confidence/below']],
    ['a quorum of four', { approval: { ...TRIGGERS.approval, quorum: 4 } }, ['/approval/quorum']],
    ['nobody may approve', { approval: { ...TRIGGERS.approval, roles: [] } }, ['/approval/roles']],
    ['no expiry', { approval: { roles: ['finance'], quorum: 1 } }, ['/approval']],
  ])('%s', async (_name, change, pointers) => {
    const issues = await checker.check(triggersSection, { ...full, ...change } as unknown as JsonObject);
    expect(issues.map(({ pointer }) => pointer)).toEqual(pointers);
  });

  test.each<[string, Partial<TriggersSection>, string | null, string[]]>([
    ['as it should be', {}, 'USD', []],
    ['no currency anywhere', {}, null, ['/triggers/materiality']],
    ['a tool nobody declared', { custom: [{ id: 'c', tool: 'rm', pointer: '/to', operator: 'eq', value: 'x' }] }, 'USD', ['/triggers/custom/0/tool']],
    ['a comparison with words', { custom: [{ id: 'c', pointer: '/to', operator: 'gt', value: 'many' }] }, 'USD', ['/triggers/custom/0/value']],
    ['expires at once', { approval: { ...TRIGGERS.approval, expires: 'PT0S' } }, 'USD', ['/triggers/approval/expires']],
  ])('lint: %s', (_name, change, currency, places) => {
    expect(lintTriggers({ ...full, ...change }, { tools: TOOLS, currency }).map(({ at }) => at)).toEqual(places);
  });
});
