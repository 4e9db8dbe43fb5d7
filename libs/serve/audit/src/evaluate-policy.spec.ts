import { describe, expect, it } from 'vitest';
import type { AuditPolicy, PolicyRule } from './audit-policy';
import { type AuditedInfo, compilePolicy } from './evaluate-policy';

const jane = { name: 'jane', groups: ['devs', 'system:authenticated'] };
const pods: AuditedInfo = {
  isResource: true,
  path: '/api/v1/namespaces/default/pods/a',
  verb: 'get',
  group: '',
  version: 'v1',
  namespace: 'default',
  resource: 'pods',
  subresource: '',
  name: 'a',
};
const log = { ...pods, subresource: 'log' };
const scale = { ...pods, group: 'apps', resource: 'deployments', subresource: 'scale' };
const node = { ...pods, namespace: '', resource: 'nodes', name: 'n' };
const path = (of: string): AuditedInfo => ({
  ...pods,
  isResource: false,
  path: of,
  resource: '',
  namespace: '',
  name: '',
});

describe('a rule', () => {
  it.each<[rule: Partial<PolicyRule>, info: AuditedInfo, matches: boolean]>([
    [{}, pods, true],
    [{}, path('/healthz'), true],
    [{ users: ['jane'] }, pods, true],
    [{ users: ['jan', 'janet'] }, pods, false],
    [{ userGroups: ['ops', 'devs'] }, pods, true],
    [{ userGroups: ['ops'] }, pods, false],
    [{ users: ['jane'], userGroups: ['ops'] }, pods, false],
    [{ verbs: ['get'] }, pods, true],
    [{ verbs: ['list'] }, pods, false],
    [{ verbs: ['*'] }, pods, false],
    [{ namespaces: ['default'] }, pods, true],
    [{ namespaces: ['other'] }, pods, false],
    [{ namespaces: ['default'] }, path('/healthz'), false],
    [{ namespaces: [''] }, node, true],
    [{ resources: [{ group: '' }] }, pods, true],
    [{ resources: [{}] }, log, true],
    [{ resources: [{ group: 'apps' }] }, pods, false],
    [{ resources: [{ group: '*' }] }, pods, true],
    [{ resources: [{ group: '*' }] }, path('/healthz'), false],
    [{ resources: [{ group: '*', resources: ['deployments/scale'] }] }, scale, true],
    [{ resources: [{ group: '*', resources: ['deployments'] }] }, pods, false],
    [{ resources: [{ group: '', resources: ['pods'] }] }, pods, true],
    [{ resources: [{ group: '', resources: ['pods'] }] }, log, false],
    [{ resources: [{ group: '', resources: ['pods/log'] }] }, log, true],
    [{ resources: [{ group: '', resources: ['pods/log'] }] }, pods, false],
    [{ resources: [{ group: '', resources: ['pods/*'] }] }, log, true],
    [{ resources: [{ group: '', resources: ['pods/*'] }] }, pods, true],
    [{ resources: [{ group: '', resources: ['pod/*'] }] }, pods, false],
    [{ resources: [{ group: '', resources: ['*/log'] }] }, log, true],
    [{ resources: [{ group: '', resources: ['*/log'] }] }, pods, false],
    [{ resources: [{ group: 'apps', resources: ['*/log'] }] }, scale, false],
    [{ resources: [{ group: '', resources: ['*'] }] }, log, true],
    [{ resources: [{ group: '' }] }, path('/healthz'), false],
    [{ resources: [{ group: '', resources: ['pods'], resourceNames: ['a'] }] }, pods, true],
    [{ resources: [{ group: '', resources: ['pods'], resourceNames: ['b'] }] }, pods, false],
    [{ resources: [{ group: '', resources: ['pods'], resourceNames: ['a'] }] }, { ...pods, name: '' }, false],
    [{ nonResourceURLs: ['/healthz'] }, path('/healthz'), true],
    [{ nonResourceURLs: ['/healthz'] }, path('/healthz/etcd'), false],
    [{ nonResourceURLs: ['/healthz*'] }, path('/healthz/etcd'), true],
    [{ nonResourceURLs: ['*'] }, path('/x'), true],
    [{ nonResourceURLs: ['*'] }, pods, false],
    [{ resources: [{ group: '', resources: ['__proto__'] }] }, pods, false],
  ])('%j on %j: %s', (rule, info, matches) => {
    const decide = compilePolicy({ rules: [{ level: 'Metadata', ...rule }] });
    expect(decide(jane, info).level).toBe(matches ? 'Metadata' : 'None');
  });
});

describe('a policy', () => {
  const policy: AuditPolicy = {
    rules: [
      { level: 'None', verbs: ['watch'] },
      { level: 'Request', resources: [{ group: '', resources: ['pods'] }], omitStages: ['RequestReceived'] },
      { level: 'RequestResponse', omitManagedFields: false },
    ],
    omitStages: ['Panic'],
    omitManagedFields: true,
  };
  it('goes by the first rule that matches', () => {
    const decide = compilePolicy(policy);
    expect(decide(jane, { ...pods, verb: 'watch' }).level).toBe('None');
    expect(decide(jane, pods).level).toBe('Request');
    expect(decide(jane, log).level).toBe('RequestResponse');
  });
  it('adds the stages to leave out, and lets a rule say otherwise of managed fields', () => {
    const decide = compilePolicy(policy);
    expect([...decide(jane, pods).omits]).toEqual(['Panic', 'RequestReceived']);
    expect([decide(jane, pods).omitManagedFields, decide(jane, log).omitManagedFields]).toEqual([true, false]);
  });
});
