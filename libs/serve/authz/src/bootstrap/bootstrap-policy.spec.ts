import { beforeEach, describe, expect, it } from 'vitest';
import type { AuthzAttributes } from '../authorizer';
import { uncoveredRules } from '../rbac/rule-coverage';
import { type RbacPolicy, rbacPolicy } from '../rbac/rbac-policy';
import { rbacGroup, type RbacResource } from '../rbac/rbac-resources';
import { type MemoryStorage, memoryStorage } from '@reckon/store/storage/suites';
import { autoUpdateAnnotation, bootstrapPolicy, type PolicyObject, policyObjects } from './bootstrap-policy';
import { type PolicyStore, reconcileBootstrapPolicy } from './reconcile-bootstrap-policy';

let memory: MemoryStorage;
let policy: RbacPolicy;
let store: PolicyStore;
let batches: string[][];

const keyOf = (resource: RbacResource, namespace: string, name: string) => ({
  group: rbacGroup,
  resource,
  namespace,
  name,
});

beforeEach(async () => {
  memory = await memoryStorage();
  policy = rbacPolicy(memory.storage);
  batches = [];
  store = {
    read: (resource, namespace, name) => memory.storage.newest(keyOf(resource, namespace, name))?.parse(),
    async commit(changes) {
      batches.push(changes.map(({ verb, object }) => `${verb} ${object.metadata.name ?? ''}`));
      const entries = changes.map(({ verb, resource, object }) => {
        const key = keyOf(resource, object.metadata.namespace ?? '', object.metadata.name ?? '');
        const previous = memory.storage.newest(key)?.revision ?? (0 as never);
        return { key, verb, previous, object: object };
      });
      await memory.storage.commit(entries, { actor: '', agent: '', manager: '', request: '' });
    },
  };
});

const allows = (
  name: string,
  groups: string[],
  verb: string,
  resource: string,
  parts: Partial<AuthzAttributes> = {},
): boolean => {
  const base = {
    isResource: true,
    group: '',
    version: 'v1',
    subresource: '',
    namespace: 'default',
    name: '',
    path: '',
  };
  return (policy.authorize({ ...base, user: { name, groups }, verb, resource, ...parts }) as { allowed: boolean })
    .allowed;
};

describe('the bootstrap policy', () => {
  it('has the roles of upstream, each named once, and no binding without its role', () => {
    const { clusterRoles, roles, clusterRoleBindings, roleBindings } = bootstrapPolicy();
    const id = ({ metadata }: PolicyObject) => `${metadata.namespace ?? ''}/${metadata.name ?? ''}`;
    for (const list of [clusterRoles, roles, clusterRoleBindings, roleBindings])
      expect(new Set(list.map(id)).size).toBe(list.length);
    const known = new Set([...clusterRoles.map((r) => `ClusterRole/${id(r)}`), ...roles.map((r) => `Role${id(r)}`)]);
    for (const { roleRef } of clusterRoleBindings) expect(known).toContain(`${roleRef.kind}//${roleRef.name}`);
    for (const { roleRef, metadata } of roleBindings)
      expect(known).toContain(`Role${metadata.namespace ?? ''}/${roleRef.name}`);
    expect(clusterRoles.map((r) => r.metadata.name)).toEqual(
      expect.arrayContaining([
        'cluster-admin',
        'admin',
        'edit',
        'view',
        'system:node',
        'system:kube-scheduler',
        'system:discovery',
      ]),
    );
  });

  it('fills admin, edit and view, each with all of the next', () => {
    const { clusterRoles } = bootstrapPolicy();
    const rulesOf = (name: string) => clusterRoles.find((role) => role.metadata.name === name)?.rules ?? [];
    expect(rulesOf('view').length).toBeGreaterThan(5);
    expect(uncoveredRules(rulesOf('edit'), rulesOf('view'))).toEqual([]);
    expect(uncoveredRules(rulesOf('admin'), rulesOf('edit'))).toEqual([]);
    expect(uncoveredRules(rulesOf('view'), rulesOf('edit'))).not.toEqual([]);
  });

  it('gives components and strangers what they need', async () => {
    await reconcileBootstrapPolicy(store);
    const path = (text: string) => ({ isResource: false, path: text, namespace: '' });
    const strangers = ['system:unauthenticated'];
    expect(allows('system:anonymous', strangers, 'get', '', path('/healthz'))).toBe(true);
    expect(allows('system:anonymous', strangers, 'get', '', path('/version'))).toBe(true);
    expect(allows('system:anonymous', strangers, 'get', '', path('/'))).toBe(false);
    expect(allows('u', ['system:authenticated'], 'get', '', path('/apis/apps'))).toBe(true);
    expect(allows('u', ['system:authenticated'], 'list', 'pods')).toBe(false);
    expect(allows('root', ['system:masters'], 'delete', 'nodes', { namespace: '' })).toBe(true);
    expect(allows('system:kube-scheduler', [], 'create', 'pods', { subresource: 'binding' })).toBe(true);
    expect(
      allows('system:kube-controller-manager', [], 'create', 'serviceaccounts', {
        subresource: 'token',
        namespace: 'kube-system',
      }),
    ).toBe(true);
  });
});

describe('reconciling the bootstrap policy', () => {
  it('writes all of it in one batch, then nothing', async () => {
    const all = policyObjects(bootstrapPolicy()).length;
    expect(await reconcileBootstrapPolicy(store)).toBe(all);
    expect(batches).toHaveLength(1);
    expect(await reconcileBootstrapPolicy(store)).toBe(0);
    expect(batches).toHaveLength(1);
  });

  it('adds what is missing and keeps what somebody added', async () => {
    await reconcileBootstrapPolicy(store);
    const role = (name: string, rules: readonly object[], annotations: object = {}) =>
      memory.put({ group: rbacGroup, resource: 'clusterroles' }, { metadata: { name, annotations }, rules });
    const extra = { verbs: ['get'], apiGroups: ['x'], resources: ['y'] };
    await role('system:basic-user', [extra]);
    await role('system:discovery', [], { [autoUpdateAnnotation]: 'false' });
    const object = store.read('clusterrolebindings', '', 'system:discovery');
    await memory.put(
      { group: rbacGroup, resource: 'clusterrolebindings' },
      { ...object, subjects: [{ kind: 'User', name: 'u' }] },
    );
    batches = [];
    expect(await reconcileBootstrapPolicy(store)).toBe(2);
    expect(batches).toEqual([['update system:basic-user', 'update system:discovery']]);
    const basic = store.read('clusterroles', '', 'system:basic-user') as {
      rules: object[];
      metadata: { labels?: object };
    };
    expect(basic.rules[0]).toEqual(extra);
    expect(basic.rules.length).toBeGreaterThan(1);
    expect(basic.metadata.labels).toEqual({ 'kubernetes.io/bootstrapping': 'rbac-defaults' });
    expect(store.read('clusterroles', '', 'system:discovery')).toMatchObject({ rules: [] });
    const binding = store.read('clusterrolebindings', '', 'system:discovery') as { subjects: { name: string }[] };
    expect(binding.subjects.map(({ name }) => name)).toEqual(['u', 'system:authenticated']);
    expect(await reconcileBootstrapPolicy(store)).toBe(0);
  });

  it('makes a binding to another role anew', async () => {
    await reconcileBootstrapPolicy(store);
    const object = store.read('clusterrolebindings', '', 'cluster-admin') as unknown as { roleRef: object };
    await memory.put(
      { group: rbacGroup, resource: 'clusterrolebindings' },
      { ...object, roleRef: { ...object.roleRef, name: 'view' } },
    );
    batches = [];
    expect(await reconcileBootstrapPolicy(store)).toBe(1);
    expect(batches).toEqual([['delete cluster-admin'], ['create cluster-admin']]);
    expect(allows('root', ['system:masters'], 'delete', 'nodes')).toBe(true);
  });
});
