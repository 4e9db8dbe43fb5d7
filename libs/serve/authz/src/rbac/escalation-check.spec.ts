import { StatusError } from '@reckon/api/machinery';
import { type MemoryStorage, memoryStorage } from '@reckon/store/storage/suites';
import { beforeEach, describe, expect, it } from 'vitest';
import { type EscalationCheck, escalationCheck, type PolicyWrite } from './escalation-check';
import { type RbacPolicy, rbacPolicy } from './rbac-policy';
import { rbacGroup, type RbacResource } from './rbac-resources';

let memory: MemoryStorage;
let policy: RbacPolicy;
let check: EscalationCheck;

const put = (resource: RbacResource, object: object) => memory.put({ group: rbacGroup, resource }, object);
const grant = async (rules: readonly object[], namespace = ''): Promise<void> => {
  const name = `mine${namespace}`;
  await put('clusterroles', { metadata: { name }, rules });
  await put(namespace === '' ? 'clusterrolebindings' : 'rolebindings', {
    metadata: { name, ...(namespace === '' ? {} : { namespace }) },
    roleRef: { apiGroup: rbacGroup, kind: 'ClusterRole', name },
    subjects: [{ kind: 'User', name: 'jane' }],
  });
};
const pods = { verbs: ['get', 'list'], apiGroups: [''], resources: ['pods'] };
const outcome = async (write: Partial<PolicyWrite>, groups: string[] = ['dev']): Promise<string> => {
  try {
    const object = { metadata: { name: 'x' }, ...write.object };
    await check(
      { user: { name: 'jane', groups } },
      { resource: 'roles', namespace: 'rec', name: 'x', old: undefined, ...write, object },
    );
    return 'granted';
  } catch (error) {
    if (error instanceof StatusError) return `${error.status.code} ${error.message}`;
    throw error;
  }
};
const roleWith = (...rules: object[]) => ({ object: { metadata: { name: 'x' }, rules } });
const bindingTo = (kind: string, name: string) => ({
  resource: 'rolebindings' as const,
  object: { metadata: { name: 'x' }, roleRef: { apiGroup: rbacGroup, kind, name } },
});

beforeEach(async () => {
  memory = await memoryStorage();
  policy = rbacPolicy(memory.storage);
  check = escalationCheck({ policy, authorizer: policy });
});

describe('who writes a role', () => {
  it('must hold its rules in that namespace', async () => {
    expect(await outcome(roleWith(pods, { verbs: ['get'], nonResourceURLs: ['/x'] }))).toBe(
      '403 roles.rbac.authorization.k8s.io "x" is forbidden: user "jane" (groups=["dev"]) is attempting to grant RBAC permissions not currently held:\n' +
        '{APIGroups:[""], Resources:["pods"], Verbs:["get" "list"]}\n{NonResourceURLs:["/x"], Verbs:["get"]}',
    );
    await grant([pods], 'rec');
    expect(await outcome(roleWith(pods))).toBe('granted');
    expect(await outcome({ ...roleWith(pods), namespace: 'other' })).toMatch(/^403/);
    await grant([{ verbs: ['*'], apiGroups: ['*'], resources: ['*/scale', 'pods'], resourceNames: ['a'] }], 'rec');
    expect(await outcome(roleWith(pods))).toMatch(/^403/);
    expect(await outcome(roleWith({ ...pods, resourceNames: ['a'] }))).toBe('granted');
    expect(await outcome(roleWith({ ...pods, resourceNames: ['a'], resources: ['x/scale'] }))).toBe('granted');
    expect(await outcome(roleWith({ ...pods, resourceNames: ['a', 'b'] }))).toMatch(/ResourceNames:\["b"\]/);
  });

  it('grants nothing by a rule that lacks something, which validation tells afterwards', async () => {
    for (const part of ['verbs', 'apiGroups', 'resources'] as const)
      expect(await outcome(roleWith({ ...pods, [part]: undefined }))).toBe('granted');
    expect(await outcome(roleWith({ nonResourceURLs: ['/x'] }, {}))).toBe('granted');
  });

  it('may do so by the verb escalate, or as one of system:masters', async () => {
    expect(await outcome(roleWith(pods), ['system:masters'])).toBe('granted');
    await grant([{ verbs: ['escalate'], apiGroups: [rbacGroup], resources: ['roles'] }], 'rec');
    expect(await outcome(roleWith(pods))).toBe('granted');
    expect(await outcome({ ...roleWith(pods), resource: 'clusterroles', namespace: '' })).toMatch(/^403/);
  });

  it('may use escalate for one name to change that role, not to make it', async () => {
    await grant([{ verbs: ['escalate'], apiGroups: [rbacGroup], resources: ['roles'], resourceNames: ['x'] }], 'rec');
    const old = { metadata: { name: 'x' }, rules: [] };
    expect(await outcome({ ...roleWith(pods), old })).toBe('granted');
    expect(await outcome(roleWith(pods))).toMatch(/^403/);
    expect(await outcome({ ...roleWith(pods), old, name: 'y' })).toMatch(/^403/);
  });

  it('needs everything for an aggregation rule', async () => {
    const aggregated = {
      metadata: { name: 'x' },
      aggregationRule: { clusterRoleSelectors: [{ matchLabels: { a: 'b' } }] },
    };
    const write = { resource: 'clusterroles', namespace: '', object: aggregated } as const;
    const text =
      '403 clusterroles.rbac.authorization.k8s.io "x" is forbidden: must have cluster-admin privileges to use the aggregationRule';
    await grant([{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }]);
    check = escalationCheck({ policy, authorizer: { name: 'no', authorize: () => ({ allowed: false, reason: '' }) } });
    expect(await outcome(write)).toBe(text);
    expect(await outcome({ ...write, object: { metadata: { name: 'x' } }, old: aggregated })).toBe(text);
    await grant([
      { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
      { verbs: ['*'], nonResourceURLs: ['*'] },
    ]);
    expect(await outcome(write)).toBe('granted');
  });

  it('may change what the garbage collector must, and nothing else', async () => {
    const old = { metadata: { name: 'x', finalizers: ['f'], managedFields: [{ manager: 'a' }] }, rules: [pods] };
    expect(await outcome({ object: { ...old, metadata: { name: 'x' } }, old })).toBe('granted');
    expect(await outcome({ object: { ...old, metadata: { name: 'x', labels: { a: 'b' } } }, old })).toMatch(/^403/);
  });
});

describe('who writes a binding', () => {
  it('must hold the rules of its role, or the verb bind', async () => {
    await put('roles', { metadata: { name: 'r', namespace: 'rec' }, rules: [pods] });
    await put('clusterroles', { metadata: { name: 'r' }, rules: [{ ...pods, resources: ['secrets'] }] });
    expect(await outcome(bindingTo('Role', 'r'))).toMatch(/^403 rolebindings.*Resources:\["pods"\]/s);
    expect(await outcome(bindingTo('ClusterRole', 'r'))).toMatch(/Resources:\["secrets"\]/);
    await grant([pods], 'rec');
    expect(await outcome(bindingTo('Role', 'r'))).toBe('granted');
    await grant(
      [{ verbs: ['bind'], apiGroups: [rbacGroup], resources: ['clusterroles'], resourceNames: ['r'] }],
      'rec',
    );
    expect(await outcome(bindingTo('ClusterRole', 'r'))).toBe('granted');
    const unsupported = '500 unsupported role reference kind: ';
    expect(await outcome(bindingTo('role', 'r'))).toBe(`${unsupported}"role"`);
    for (const roleRef of [{}, undefined])
      expect(await outcome({ resource: 'rolebindings', object: { metadata: { name: 'x' }, roleRef } })).toBe(
        `${unsupported}""`,
      );
    expect(await outcome(bindingTo('Role', 'gone'))).toBe('404 role.rbac.authorization.k8s.io "gone" not found');
  });
});
