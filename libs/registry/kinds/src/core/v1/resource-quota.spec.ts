import type { KubeObject } from '@reckon/api/machinery';
import { describe, expect, it } from 'vitest';
import { changed, runCreate, runUpdate } from '../../testing/run-strategy';

const key = '/resourcequotas';
const given = { metadata: { name: 'q', namespace: 'team', resourceVersion: '7' }, spec: { hard: { pods: '5' } } };
const make = (changes: Record<string, unknown> = {}): ReturnType<typeof runCreate> =>
  runCreate(key, changed(given, changes));
const stored = (changes: Record<string, unknown> = {}): KubeObject => make(changes).object;
const expressions = 'spec.scopeSelector.matchExpressions';

describe('a ResourceQuota', () => {
  it('begins with nothing used, and rounds what is finer than a thousandth', () => {
    expect(make({ spec: { hard: { 'requests.cpu': '100u' } }, status: { used: { pods: '9' } } }).object).toMatchObject({
      spec: { hard: { 'requests.cpu': '1m' } },
      status: {},
    });
    expect(stored().metadata.generation).toBeUndefined();
  });

  it.each([
    'cpu',
    'memory',
    'ephemeral-storage',
    'requests.cpu',
    'requests.storage',
    'limits.memory',
    'limits.ephemeral-storage',
    'pods',
    'resourcequotas',
    'services.nodeports',
    'hugepages-2Mi',
    'requests.hugepages-1Gi',
    'count/deployments.apps',
    'requests.nvidia.com/gpu',
    'gold.storageclass.storage.k8s.io/requests.storage',
  ])('may limit %s', (name) => {
    expect(make({ 'spec.hard': { [name]: '1' } }).refusals).toEqual([]);
  });

  const strange = 'must be a standard resource type or fully qualified';
  const notCounted = 'must be a standard resource for quota';
  it.each<[Record<string, string>, ...string[]]>([
    [
      { nope: '1' },
      `spec.hard[nope]: Invalid value: "nope": ${strange}`,
      `spec.hard[nope]: Invalid value: "nope": ${notCounted}`,
    ],
    [{ storage: '1' }, `spec.hard[storage]: Invalid value: "storage": ${notCounted}`],
    [{ pods: '-1' }, 'spec.hard[pods]: Invalid value: "-1": must be greater than or equal to 0'],
    [{ pods: '1500m' }, 'spec.hard[pods]: Invalid value: "1500m": must be an integer'],
    [{ 'nvidia.com/gpu': '500m' }, 'spec.hard[nvidia.com/gpu]: Invalid value: "500m": must be an integer'],
    [{ cpu: '1500m', 'requests.nvidia.com/gpu': '500m' }],
  ])('of %j', (hard, ...messages) => {
    expect(make({ 'spec.hard': hard }).refusals).toEqual(messages);
  });

  const applied = 'unsupported scope applied to resource';
  it.each<[string[], Record<string, string>, ...string[]]>([
    [['BestEffort'], { pods: '1' }],
    [['NotBestEffort', 'Terminating'], { pods: '1', cpu: '1', 'limits.memory': '1', 'requests.cpu': '1' }],
    [['PriorityClass'], { 'count/pods': '1', cpu: '1' }],
    [['CrossNamespacePodAffinity'], { pods: '0' }],
    [['VolumeAttributesClass'], { persistentvolumeclaims: '1', 'requests.storage': '1Gi' }],
    [['x'], { pods: '1' }, 'spec.scopes: Invalid value: ["x"]: unsupported scope'],
    [['BestEffort'], { cpu: '1' }, `spec.scopes: Invalid value: ["BestEffort"]: ${applied}`],
    [['Terminating'], { services: '1' }, `spec.scopes: Invalid value: ["Terminating"]: ${applied}`],
    [['VolumeAttributesClass'], { pods: '1' }, `spec.scopes: Invalid value: ["VolumeAttributesClass"]: ${applied}`],
    [
      ['Terminating', 'NotTerminating'],
      { pods: '1' },
      'spec.scopes: Invalid value: ["Terminating","NotTerminating"]: conflicting scopes',
    ],
    [
      ['BestEffort', 'NotBestEffort'],
      { pods: '1' },
      'spec.scopes: Invalid value: ["BestEffort","NotBestEffort"]: conflicting scopes',
    ],
  ])('of the scopes %j over %j', (scopes, hard, ...messages) => {
    expect(make({ spec: { scopes, hard } }).refusals).toEqual(messages);
  });

  const onlyExists =
    "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity";
  it.each<[object[], ...string[]]>([
    [[{ scopeName: 'PriorityClass', operator: 'In', values: ['high'] }]],
    [[{ scopeName: 'PriorityClass', operator: 'DoesNotExist' }]],
    [[{ scopeName: 'Terminating', operator: 'Exists' }]],
    [
      [{ scopeName: 'PriorityClass', operator: 'In' }],
      `${expressions}.values: Required value: must be at least one value when \`operator\` is 'In' or 'NotIn' for scope selector`,
    ],
    [
      [{ scopeName: 'PriorityClass', operator: 'Exists', values: ['a'] }],
      `${expressions}.values: Invalid value: ["a"]: must be no value when \`operator\` is 'Exist' or 'DoesNotExist' for scope selector`,
    ],
    [
      [{ scopeName: 'PriorityClass', operator: 'Near' }],
      `${expressions}.operator: Invalid value: "Near": not a valid selector operator`,
    ],
    [
      [{ scopeName: 'CrossNamespacePodAffinity', operator: 'DoesNotExist' }],
      `${expressions}.operator: Invalid value: "DoesNotExist": ${onlyExists}`,
    ],
    [[{ scopeName: 'x', operator: 'Exists' }], `${expressions}.scopeName: Invalid value: "x": unsupported scope`],
    [
      [
        { scopeName: 'BestEffort', operator: 'Exists' },
        { scopeName: 'NotBestEffort', operator: 'Exists' },
      ],
      `${expressions}: Invalid value: null: conflicting scopes`,
    ],
    [
      [{ scopeName: 'VolumeAttributesClass', operator: 'In', values: ['gold'] }],
      `${expressions}: Invalid value: {"MatchExpressions":[{"ScopeName":"VolumeAttributesClass","Operator":"In","Values":["gold"]}]}: ${applied}`,
    ],
  ])('of what %j select', (matchExpressions, ...messages) => {
    expect(make({ 'spec.scopeSelector': { matchExpressions } }).refusals).toEqual(messages);
  });

  it('limits other amounts later, but never other scopes', () => {
    const old = stored({ 'spec.scopes': ['Terminating', 'NotBestEffort'] });
    const turned = changed(old, { 'spec.scopes': ['NotBestEffort', 'Terminating'], 'spec.hard': { pods: '7' } });
    expect(runUpdate(key, old, turned).refusals).toEqual([]);
    expect(runUpdate(key, old, changed(old, { 'spec.scopes': ['Terminating'] })).refusals).toEqual([
      'spec.scopes: Invalid value: ["Terminating"]: field is immutable',
    ]);
    expect(runUpdate(key, old, changed(old, { 'spec.scopes': undefined })).refusals).toEqual([
      'spec.scopes: Invalid value: null: field is immutable',
    ]);
  });

  it('keeps spec and status apart', () => {
    const old = stored();
    const both = changed(old, { 'spec.hard.pods': '9', status: { hard: { pods: '9' }, used: { pods: '1' } } });
    expect(runUpdate(key, old, both).object).toMatchObject({ spec: { hard: { pods: '9' } }, status: {} });
    expect(runUpdate(key, old, both, 'status')).toMatchObject({
      refusals: [],
      object: { spec: { hard: { pods: '5' } }, status: { used: { pods: '1' } } },
    });
  });

  it('reports what it may limit, of a state that is named', () => {
    const old = stored();
    const status = { hard: { nope: '1' }, used: { pods: '-1' } };
    expect(
      runUpdate(key, old, changed(old, { status, 'metadata.resourceVersion': undefined }), 'status').refusals,
    ).toEqual([
      'resourceVersion: Required value',
      `status.hard[nope]: Invalid value: "nope": ${strange}`,
      `status.hard[nope]: Invalid value: "nope": ${notCounted}`,
      'status.used[pods]: Invalid value: "-1": must be greater than or equal to 0',
    ]);
  });
});
