import { describe, expect, it } from 'vitest';
import { changed, runCreate, runUpdate } from '../../testing/run-strategy';

const group = 'rbac.authorization.k8s.io';
const rule = { verbs: ['get'], apiGroups: [''], resources: ['pods'] };

describe('a role', () => {
  it.each<[string, object[], ...string[]]>([
    ['roles', [{ ...rule, verbs: [] }], 'rules[0].verbs: Required value: verbs must contain at least one value'],
    [
      'roles',
      [{ verbs: ['get'] }],
      'rules[0].apiGroups: Required value: resource rules must supply at least one api group',
      'rules[0].resources: Required value: resource rules must supply at least one resource',
    ],
    [
      'roles',
      [{ verbs: ['get'], nonResourceURLs: ['/x'] }],
      'rules[0].nonResourceURLs: Invalid value: ["/x"]: namespaced rules cannot apply to non-resource URLs',
    ],
    [
      'clusterroles',
      [{ ...rule, nonResourceURLs: ['/x'] }],
      'rules[0].nonResourceURLs: Invalid value: ["/x"]: rules cannot apply to both regular resources and non-resource URLs',
    ],
    ['clusterroles', [rule, { verbs: ['get'], nonResourceURLs: ['/x'] }]],
  ])('of %s with %j', (resource, rules, ...messages) => {
    expect(runCreate(`${group}/${resource}`, { metadata: { name: 'system:x' }, rules }).refusals).toEqual(messages);
  });

  it('that gathers others says which', () => {
    const gather = (clusterRoleSelectors: object[]): readonly string[] =>
      runCreate(`${group}/clusterroles`, { metadata: { name: 'x' }, aggregationRule: { clusterRoleSelectors } })
        .refusals;
    expect(gather([])).toEqual([
      'aggregationRule.clusterRoleSelectors: Required value: at least one clusterRoleSelector required if aggregationRule is non-nil',
    ]);
    expect(gather([{ matchLabels: { a: 'b' } }])).toEqual([]);
    expect(gather([{ matchLabels: { 'a b': 'c' } }])).toHaveLength(1);
  });
});

describe('a binding', () => {
  const binding = { metadata: { name: 'b' }, roleRef: { kind: 'ClusterRole', name: 'r' }, subjects: [] as object[] };

  it.each<[string, Record<string, unknown>, ...string[]]>([
    [
      'rolebindings',
      { 'roleRef.kind': 'Pod' },
      'roleRef.kind: Unsupported value: "Pod": supported values: "Role", "ClusterRole"',
    ],
    [
      'clusterrolebindings',
      { 'roleRef.kind': 'Role' },
      'roleRef.kind: Unsupported value: "Role": supported values: "ClusterRole"',
    ],
    ['rolebindings', { 'roleRef.name': '' }, 'roleRef.name: Required value'],
    ['rolebindings', { 'roleRef.name': 'a/b' }, 'roleRef.name: Invalid value: "a/b": may not contain \'/\''],
    [
      'rolebindings',
      { 'roleRef.apiGroup': 'x' },
      `roleRef.apiGroup: Unsupported value: "x": supported values: "${group}"`,
    ],
    [
      'clusterrolebindings',
      { subjects: [{ kind: 'ServiceAccount', name: 's' }] },
      'subjects[0].namespace: Required value',
    ],
    ['rolebindings', { subjects: [{ kind: 'ServiceAccount', name: 's' }] }],
    ['rolebindings', { subjects: [{ kind: 'User', name: 'any thing' }] }],
    [
      'rolebindings',
      { subjects: [{ kind: 'Robot', name: 's' }] },
      'subjects[0].kind: Unsupported value: "Robot": supported values: "ServiceAccount", "User", "Group"',
    ],
    [
      'rolebindings',
      { subjects: [{ kind: 'Group', name: '' }] },
      'subjects[0].name: Required value',
      'subjects[0].name: Invalid value: "": group name cannot be empty',
    ],
  ])('of %s with %j', (resource, changes, ...messages) => {
    expect(runCreate(`${group}/${resource}`, changed(binding, changes)).refusals).toEqual(messages);
  });

  it('never points to another role', () => {
    const old = runCreate(`${group}/rolebindings`, binding).object;
    expect(runUpdate(`${group}/rolebindings`, old, changed(old, { 'roleRef.name': 'other' })).refusals).toEqual([
      `roleRef: Invalid value: {"APIGroup":"${group}","Kind":"ClusterRole","Name":"other"}: cannot change roleRef`,
    ]);
    expect(runUpdate(`${group}/rolebindings`, old, changed(old, { subjects: [] })).refusals).toEqual([]);
  });
});
