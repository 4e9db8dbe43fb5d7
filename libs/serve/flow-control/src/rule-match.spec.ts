import type { flowcontrolv1 } from '@reckon/api/types';
import { describe, expect, it } from 'vitest';
import { compileRules } from './rule-match';
import { ask } from './testing/flow-fixture.suite';

type Rule = flowcontrolv1.PolicyRulesWithSubjects;

const everybody: flowcontrolv1.Subject[] = [{ kind: 'Group', group: { name: '*' } }];
const all = { verbs: ['*'], apiGroups: ['*'], resources: ['*'], namespaces: ['*'], clusterScope: true };
const matches = (rules: Rule[], request: ReturnType<typeof ask>): boolean =>
  compileRules({ metadata: {}, spec: { matchingPrecedence: 1, priorityLevelConfiguration: { name: 'x' }, rules } })(
    request.user,
  )?.(request.info) ?? false;

describe('a subject', () => {
  const account = (namespace: string, name: string): flowcontrolv1.Subject => ({
    kind: 'ServiceAccount',
    serviceAccount: { namespace, name },
  });
  const robot = 'system:serviceaccount:rec:robot';
  it.each<[subject: flowcontrolv1.Subject, name: string, isMeant: boolean]>([
    [{ kind: 'User', user: { name: 'jane' } }, 'jane', true],
    [{ kind: 'User', user: { name: 'jane' } }, 'janet', false],
    [{ kind: 'User', user: { name: '*' } }, 'anybody', true],
    [{ kind: 'User' }, '', false],
    [{ kind: 'Group', group: { name: 'system:authenticated' } }, 'jane', true],
    [{ kind: 'Group', group: { name: 'others' } }, 'jane', false],
    [{ kind: 'Group', group: { name: '*' } }, 'jane', true],
    [{ kind: 'Group' }, 'jane', false],
    [account('rec', 'robot'), robot, true],
    [account('rec', '*'), robot, true],
    [account('re', '*'), robot, false],
    [account('rec', 'rob'), robot, false],
    [account('rec:robot', '*'), robot, false],
    [{ kind: 'ServiceAccount' }, robot, false],
    [{ kind: 'Nobody' }, 'jane', false],
  ])('%j means %s: %s', (subject, name, isMeant) => {
    expect(matches([{ subjects: [subject], resourceRules: [all] }], ask(name))).toBe(isMeant);
  });
});

describe('a resource rule', () => {
  it.each<[rule: Partial<flowcontrolv1.ResourcePolicyRule>, info: Parameters<typeof ask>[1], isMeant: boolean]>([
    [{}, {}, true],
    [{ verbs: ['get', 'list'] }, {}, true],
    [{ verbs: ['list'] }, {}, false],
    [{ apiGroups: [''] }, {}, true],
    [{ apiGroups: ['apps'] }, {}, false],
    [{ resources: ['configmaps'] }, {}, true],
    [{ resources: ['pods'] }, { resource: 'pods', subresource: 'status' }, false],
    [{ resources: ['pods/status'] }, { resource: 'pods', subresource: 'status' }, true],
    [{ resources: ['*'] }, { resource: 'pods', subresource: 'status' }, true],
    [{ namespaces: ['default'] }, {}, true],
    [{ namespaces: ['other'] }, {}, false],
    [{ namespaces: ['default'], clusterScope: false }, { namespace: '' }, false],
    [{ namespaces: [] }, { namespace: '' }, true],
    [{ clusterScope: false }, { namespace: '' }, false],
    [{}, { isResource: false, path: '/healthz' }, false],
  ])('%j on %j: %s', (rule, info, isMeant) => {
    expect(matches([{ subjects: everybody, resourceRules: [{ ...all, ...rule }] }], ask('jane', info))).toBe(isMeant);
  });
});

describe('a path rule', () => {
  it.each<[urls: string[], path: string, isMeant: boolean]>([
    [['/healthz'], '/healthz', true],
    [['/healthz'], '/healthz/ping', true],
    [['/healthz'], '/healthzz', false],
    [['/hea*'], '/healthz', false],
    [['/hea/*'], '/hea/x', true],
    [['*'], '/anything', true],
    [['/a', '/b'], '/b', true],
  ])('%j on %s: %s', (nonResourceURLs, path, isMeant) => {
    const rule: Rule = { subjects: everybody, nonResourceRules: [{ verbs: ['get'], nonResourceURLs }] };
    expect(matches([rule], ask('jane', { isResource: false, path }))).toBe(isMeant);
    expect(matches([rule], ask('jane', { isResource: false, path, verb: 'post' }))).toBe(false);
  });
});

it('takes the rules together only for users whom each of them means', () => {
  const rules: Rule[] = [
    { subjects: [{ kind: 'User', user: { name: 'jane' } }], resourceRules: [{ ...all, resources: ['pods'] }] },
    { subjects: [{ kind: 'User', user: { name: 'ann' } }], resourceRules: [{ ...all, resources: ['secrets'] }] },
  ];
  expect(matches(rules, ask('jane', { resource: 'pods' }))).toBe(true);
  expect(matches(rules, ask('jane', { resource: 'secrets' }))).toBe(false);
});
