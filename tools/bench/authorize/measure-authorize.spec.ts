import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { judge, tableText } from '../report';
import { rows } from '../rows';
import { decide, manyBindings, type ManyBindings } from './many-bindings';
import { measureAuthorize } from './measure-authorize';

const few = { callers: 30, requests: 200, moreBindings: 10 };
let world: ManyBindings;

beforeEach(async () => {
  world = await manyBindings(1_200);
});
afterEach(() => world.stop());

describe('the bench of authorization', () => {
  it('asks by turns what a binding allows, cluster-wide or in its namespace, and what none does', () => {
    const reasons = Array.from({ length: 2_400 }, (_, i) => decide(world, world.request(i)).reason);
    expect(reasons.filter((_, i) => i % 2 === 1).every((reason) => reason === '')).toBe(true);
    const allowed = reasons.filter((_, i) => i % 2 === 0);
    expect(allowed.filter((reason) => reason.includes('ClusterRoleBinding "')).length).toBe(120);
    expect(allowed.filter((reason) => reason.includes('by RoleBinding "')).length).toBe(1_080);
    for (const kind of ['User', 'Group', 'ServiceAccount'])
      expect(allowed.filter((reason) => reason.includes(`${kind} "`)).length).toBe(400);
  });

  it('counts a binding more only from when it is there', async () => {
    const late = { ...world.request(0), user: { name: 'late-3', groups: [] }, resource: 'things-3' };
    expect(decide(world, late).allowed).toBe(false);
    expect(decide(world, await world.bindOneMore(3)).allowed).toBe(true);
  });

  it('gives a figure for each of its rows, in µs, to be held against a limit', async () => {
    const figures = await measureAuthorize(world, few);
    const own = rows.filter(({ id }) => id.startsWith('authorize'));
    expect(Object.keys(figures)).toEqual(own.map(({ id }) => id));
    for (const { value, p99 } of Object.values(figures)) {
      expect(value).toBeGreaterThan(0);
      expect(p99).toBeGreaterThanOrEqual(value);
    }
    const [met, missed] = judge(own, {}, { authorize: { value: 100 }, 'authorize-binding': { value: 1_001 } });
    expect([met?.isMet, missed?.isMet]).toEqual([true, false]);
    const line = tableText(judge(own, {}, { authorize: { value: 1.5, p50: 1.5, p99: 7 } })).split('\n')[1];
    expect(line?.replace(/ {2,}/g, '  ')).toBe(
      'authorize, 100,000 role bindings  –  1.50 µs  –  ≤ 100 µs  1.50 µs  7.00 µs  –  ok',
    );
  });

  it('is no figure where a decision is wrong', async () => {
    const deaf = { ...world, authorizer: { name: 'deaf', authorize: () => ({ allowed: false, reason: '' }) } };
    await expect(measureAuthorize(deaf, few)).rejects.toThrow('decided wrongly');
  });
});
