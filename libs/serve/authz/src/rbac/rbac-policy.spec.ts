import type { rbacv1 } from '@reckon/api/types';
import { type MemoryStorage, memoryStorage } from '@reckon/store/storage/suites';
import { beforeEach, describe, expect, it } from 'vitest';
import type { AuthzAttributes, Decision } from '../authorizer';
import { type RbacPolicy, rbacPolicy } from './rbac-policy';
import { rbacGroup, type RbacResource } from './rbac-resources';

let memory: MemoryStorage;
let policy: RbacPolicy;

const put = (resource: RbacResource, object: object) => memory.put({ group: rbacGroup, resource }, object);
const role = (name: string, rules: readonly object[], namespace?: string) =>
  put(namespace === undefined ? 'clusterroles' : 'roles', { metadata: { name, namespace }, rules });
const bind = (name: string, roleName: string, subjects: readonly object[], namespace?: string, kind = 'ClusterRole') =>
  put(namespace === undefined ? 'clusterrolebindings' : 'rolebindings', {
    metadata: { name, namespace },
    roleRef: { apiGroup: rbacGroup, kind, name: roleName },
    subjects,
  });
const user = (name: string) => ({ kind: 'User', apiGroup: rbacGroup, name });
const group = (name: string) => ({ kind: 'Group', apiGroup: rbacGroup, name });
const account = (name: string, namespace?: string) => ({ kind: 'ServiceAccount', name, namespace });

const attributes = (parts: Partial<AuthzAttributes>, name = 'jane', groups: string[] = []): AuthzAttributes => ({
  user: { name, groups },
  verb: 'get',
  isResource: true,
  group: '',
  version: 'v1',
  resource: 'pods',
  subresource: '',
  namespace: '',
  name: '',
  path: '',
  ...parts,
});
const decide = (parts: Partial<AuthzAttributes>, name?: string, groups?: string[]): Decision =>
  policy.authorize(attributes(parts, name, groups)) as Decision;
const may = (parts: Partial<AuthzAttributes>, name?: string, groups?: string[]): boolean =>
  decide(parts, name, groups).allowed;

beforeEach(async () => {
  memory = await memoryStorage();
  policy = rbacPolicy(memory.storage);
});

describe('rules', () => {
  const mayBy = async (rule: Partial<rbacv1.PolicyRule>, parts: Partial<AuthzAttributes>): Promise<boolean> => {
    await role('r', [{ verbs: ['get'], apiGroups: [''], resources: ['pods'], ...rule }]);
    await bind('b', 'r', [user('jane')]);
    return may(parts);
  };

  it('name verbs, groups and resources, or all of them', async () => {
    expect(await mayBy({}, {})).toBe(true);
    expect(await mayBy({}, { verb: 'list' })).toBe(false);
    expect(await mayBy({}, { group: 'apps' })).toBe(false);
    expect(await mayBy({}, { resource: 'secrets' })).toBe(false);
    expect(await mayBy({ verbs: ['*'] }, { verb: 'escalate' })).toBe(true);
    expect(await mayBy({ apiGroups: ['*'] }, { group: 'apps' })).toBe(true);
    expect(await mayBy({ resources: ['*'] }, { resource: 'secrets', subresource: 'x' })).toBe(true);
  });

  it('name subresources one by one, or of every resource', async () => {
    expect(await mayBy({}, { subresource: 'log' })).toBe(false);
    expect(await mayBy({ resources: ['pods/log'] }, { subresource: 'log' })).toBe(true);
    expect(await mayBy({ resources: ['pods/log'] }, {})).toBe(false);
    expect(await mayBy({ resources: ['*/scale'] }, { resource: 'deployments', subresource: 'scale' })).toBe(true);
    expect(await mayBy({ resources: ['*/scale'] }, { resource: 'deployments' })).toBe(false);
    expect(await mayBy({ resources: ['pods/*'] }, { subresource: 'log' })).toBe(false);
  });

  it('may hold for some names only', async () => {
    expect(await mayBy({ resourceNames: ['a'] }, { name: 'a' })).toBe(true);
    expect(await mayBy({ resourceNames: ['a'] }, { name: 'b' })).toBe(false);
    expect(await mayBy({ resourceNames: ['a'] }, { name: '' })).toBe(false);
  });

  it('grant paths, with a star at the end as a prefix', async () => {
    const path = (text: string) => ({ isResource: false, path: text, resource: '' });
    const urls = { nonResourceURLs: ['/healthz', '/apis/*'], apiGroups: [], resources: [] };
    expect(await mayBy(urls, path('/healthz'))).toBe(true);
    expect(await mayBy(urls, path('/healthz/ping'))).toBe(false);
    expect(await mayBy(urls, path('/apis/apps'))).toBe(true);
    expect(await mayBy(urls, path('/apis'))).toBe(false);
    expect(await mayBy({ ...urls, nonResourceURLs: ['*'] }, path('/'))).toBe(true);
    expect(await mayBy(urls, { resource: 'healthz' })).toBe(false);
    expect(await mayBy({ resources: ['*'], apiGroups: ['*'] }, path('/healthz'))).toBe(false);
  });
});

const readPods = [{ verbs: ['get'], apiGroups: [''], resources: ['pods'] }];

describe('bindings', () => {
  it('grant to users, groups and service accounts, and say so as upstream', async () => {
    await role('view', readPods);
    await role('view', readPods, 'rec');
    await bind('all', 'view', [user('jane'), group('dev'), account('bot', 'ops'), account('homeless')]);
    await bind('here', 'view', [account('robot'), user('joe')], 'rec', 'Role');
    const reason = (name: string, groups: string[] = [], namespace = 'rec') =>
      decide({ namespace }, name, groups).reason;
    expect(reason('jane')).toBe('RBAC: allowed by ClusterRoleBinding "all" of ClusterRole "view" to User "jane"');
    expect(reason('x', ['dev'])).toBe('RBAC: allowed by ClusterRoleBinding "all" of ClusterRole "view" to Group "dev"');
    expect(reason('system:serviceaccount:ops:bot')).toBe(
      'RBAC: allowed by ClusterRoleBinding "all" of ClusterRole "view" to ServiceAccount "bot/ops"',
    );
    expect(reason('system:serviceaccount:rec:robot')).toBe(
      'RBAC: allowed by RoleBinding "here/rec" of Role "view" to ServiceAccount "robot/rec"',
    );
    expect(may({ namespace: 'other' }, 'joe')).toBe(false);
    expect(may({}, 'joe')).toBe(false);
    expect(may({ namespace: 'rec' }, 'homeless')).toBe(false);
    expect(may({}, 'u:jane')).toBe(false);
  });

  it('follow every change of roles and bindings', async () => {
    await bind('b', 'later', [user('jane')]);
    expect(decide({})).toEqual({
      allowed: false,
      reason: 'RBAC: clusterrole.rbac.authorization.k8s.io "later" not found',
    });
    await role('later', readPods);
    expect(may({})).toBe(true);
    await role('later', []);
    expect(decide({})).toEqual({ allowed: false, reason: '' });
    await role('later', readPods);
    await bind('b', 'later', [user('joe')]);
    expect([may({}), may({}, 'joe')]).toEqual([false, true]);
    await memory.remove({ group: rbacGroup, resource: 'clusterrolebindings', namespace: '', name: 'b' });
    expect(decide({}, 'joe')).toEqual({ allowed: false, reason: '' });
    await bind('b', 'later', [user('joe')]);
    await memory.remove({ group: rbacGroup, resource: 'clusterroles', namespace: '', name: 'later' });
    expect(may({}, 'joe')).toBe(false);
  });

  it('know what stood before the policy was opened, and nothing after it is stopped', async () => {
    await role('r', readPods);
    await bind('b', 'r', [user('jane')]);
    policy.stop();
    policy = rbacPolicy(memory.storage);
    expect(may({})).toBe(true);
    policy.stop();
    await bind('b', 'r', []);
    expect(may({})).toBe(true);
  });

  it('of the same name live side by side in namespaces and the cluster', async () => {
    await role('r', readPods);
    await bind('b', 'r', [user('jane')], 'one');
    await bind('b', 'r', [user('jane')], 'two');
    await bind('b', 'r', [user('joe')]);
    await memory.remove({ group: rbacGroup, resource: 'rolebindings', namespace: 'one', name: 'b' });
    expect(['one', 'two', ''].map((namespace) => may({ namespace }))).toEqual([false, true, false]);
    expect(may({ namespace: 'one' }, 'joe')).toBe(true);
  });

  it('are resolved to rules, cluster-wide ones first', async () => {
    await role('a', readPods);
    await role('z', [{ verbs: ['get'], nonResourceURLs: ['/x'] }]);
    await bind('2', 'a', [user('jane')], 'rec');
    await bind('1', 'z', [user('jane'), group('dev')]);
    await bind('3', 'gone', [user('jane')], 'rec', 'Role');
    expect(policy.rulesFor({ name: 'jane', groups: ['dev'] }, 'rec')).toEqual({
      rules: [{ verbs: ['get'], nonResourceURLs: ['/x'] }, ...readPods],
      errors: ['role.rbac.authorization.k8s.io "gone" not found'],
    });
  });
});

describe('what is asked in an odd way', () => {
  beforeEach(async () => {
    await role('some', [
      { verbs: ['get'], apiGroups: ['', 'apps'], resources: ['pods', 'pods/log'], resourceNames: ['a'] },
      { verbs: ['get'], nonResourceURLs: ['/open', '/api/*'] },
    ]);
    await role('all', [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }]);
    await bind('some', 'some', [user('jane')]);
    await bind('all', 'all', [user('root'), group('admins')], 'own');
    await bind(
      'odd',
      'all',
      [user(''), user('__proto__'), group('constructor'), { kind: 'Robot', name: 'jane' }],
      'own',
    );
  });

  it.each<readonly [string, Partial<AuthzAttributes>]>([
    ['a star for a verb', { verb: '*', name: 'a' }],
    ['another case of a verb', { verb: 'GET', name: 'a' }],
    ['no verb', { verb: '', name: 'a' }],
    ['a star for a resource', { resource: '*', name: 'a' }],
    ['a star for a group', { group: '*', name: 'a' }],
    ['a star for a name', { name: '*' }],
    ['another case of a resource', { resource: 'Pods', name: 'a' }],
    ['a star for a subresource', { subresource: '*', name: 'a' }],
    ['an unknown subresource', { subresource: 'secrets', name: 'a' }],
    ['a resource that holds a slash', { resource: 'pods/', name: 'a' }],
    ['a name that holds another', { name: 'a/b' }],
    ['a name with a blank', { name: 'a ' }],
    ['a name of look-alikes', { name: '\u0430' }],
    ['a star for a path', { isResource: false, path: '*', resource: '' }],
    ['a path beside the prefix', { isResource: false, path: '/api', resource: '' }],
    ['a path of another case', { isResource: false, path: '/OPEN', resource: '' }],
    ['a path that goes on', { isResource: false, path: '/open/', resource: '' }],
    ['a path with two slashes', { isResource: false, path: '//open', resource: '' }],
    ['a path with a parameter', { isResource: false, path: '/open;x', resource: '' }],
  ])('is not granted by the rule for the exact one: %s', (_, parts) => {
    expect(may(parts, 'jane')).toBe(false);
  });

  it('a resource of two words is its subresource, which the path that it came by cannot reach', () => {
    expect(may({ resource: 'pods/log', name: 'a' }, 'jane')).toBe(true);
    expect(may({ subresource: 'log', name: 'a' }, 'jane')).toBe(true);
  });

  it.each<readonly [string, string[], string]>([
    ['root', [], 'other'],
    ['root', [], ''],
    ['root', [], '*'],
    ['root', [], 'own '],
    ['root', [], 'OWN'],
    ['Root', [], 'own'],
    ['r\u043eot', [], 'own'],
    ['root ', [], 'own'],
    ['u:root', [], 'own'],
    ['admins', [], 'own'],
    ['jane', ['root'], 'own'],
    ['jane', ['admins,x'], 'own'],
    ['jane', ['Admins'], 'own'],
    ['jane', ['g:admins'], 'own'],
    ['jane', ['__proto__', 'toString'], 'own'],
    ['constructor', [], 'own'],
  ])('nobody is root by a name that looks like it: %j %j in %j', (name, groups, namespace) => {
    expect(may({ namespace, verb: 'delete', resource: 'secrets', name: 's' }, name, groups)).toBe(false);
  });

  it('who has the very name has the right, odd as it may be', () => {
    expect(may({ namespace: 'own', verb: 'delete' }, '__proto__')).toBe(true);
    expect(may({ namespace: 'own', verb: 'delete' }, 'x', ['constructor'])).toBe(true);
  });
});

describe('with 100,000 bindings', () => {
  it('a decision tries the rules of a role once, however many bindings name it, and looks at no one else', async () => {
    const { storage } = memory;
    await role('view', [{ verbs: ['get', 'list', 'watch'], apiGroups: [''], resources: ['pods', 'pods/log'] }]);
    await role('edit', [{ verbs: ['create'], apiGroups: [''], resources: ['pods'] }, ...readPods]);
    const by = { actor: '', agent: '', manager: '', request: '' };
    const changes = Array.from({ length: 100_000 }, (_, i) => {
      const metadata = { name: `b${i}`, namespace: `ns-${i % 1000}` };
      const key = { group: rbacGroup, resource: 'rolebindings', ...metadata };
      const roleRef = { apiGroup: rbacGroup, kind: 'ClusterRole', name: i % 2 === 0 ? 'view' : 'edit' };
      const object = { metadata, roleRef, subjects: [user(`user-${i % 50}`), group('everybody')] };
      return { key, verb: 'create' as const, previous: 0 as never, object };
    });
    await storage.commit(changes, by);
    const triedFor = (namespace: string, resource: string, name: string, groups: string[] = []) => [
      (policy.authorize(attributes({ namespace, resource }, name, groups)) as { allowed: boolean }).allowed,
      policy.tried,
    ];
    expect(triedFor('ns-10', 'pods', 'user-10')).toEqual([true, 1]);
    expect(triedFor('ns-11', 'pods', 'user-11')).toEqual([true, 2]);
    expect(triedFor('ns-10', 'secrets', 'user-10')).toEqual([false, 1]);
    expect(triedFor('ns-10', 'secrets', 'user-10', ['everybody'])).toEqual([false, 2]);
    expect(triedFor('ns-11', 'secrets', 'user-9', ['everybody', 'else'])).toEqual([false, 2]);
    expect(triedFor('ns-10', 'pods', 'user-11')).toEqual([false, 0]);
    expect(triedFor('', 'pods', 'user-10', ['everybody'])).toEqual([false, 0]);
  });
});
