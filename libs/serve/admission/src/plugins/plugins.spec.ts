import { beforeEach, describe, expect, it } from 'vitest';
import { type AdmissionFixture, admissionFixture, rowOf } from '../testing/admission-fixture.suite';

const core = (resource: string) => ({ group: '', resource });
const configMaps = rowOf('', 'v1', 'configmaps');
const namespaces = rowOf('', 'v1', 'namespaces');
const classes = { group: 'scheduling.k8s.io', resource: 'priorityclasses' };
const containers = [{ name: 'c', image: 'i' }];

let fixture: AdmissionFixture;

beforeEach(async () => {
  fixture = await admissionFixture();
});

describe('NamespaceLifecycle', () => {
  const create = (namespace: string, more: object = {}) =>
    fixture.ask({ row: configMaps, namespace, object: { metadata: { name: 'x' } }, ...more });

  it('lets nothing into a namespace that is missing or going', async () => {
    expect(await create('nowhere')).toBe('404 namespaces "nowhere" not found');
    expect(await create('nowhere', { operation: 'UPDATE' })).toBe('404 namespaces "nowhere" not found');
    expect(await create('nowhere', { operation: 'DELETE', object: undefined })).toBe('admitted');
    expect(await create('default')).toMatchObject({ metadata: { name: 'x' } });
    await fixture.put(core('namespaces'), { metadata: { name: 'going' }, status: { phase: 'Terminating' } });
    expect(await create('going')).toBe(
      '403 configmaps "x" is forbidden: unable to create new content in namespace going because it is being terminated',
    );
    expect(await create('going', { object: { metadata: { generateName: 'g-' } } })).toMatch(/^403 configmaps "g-" is/);
    expect(await create('going', { operation: 'UPDATE' })).toMatchObject({ metadata: { name: 'x' } });
  });

  it('says nothing about namespaces to who asks for rights', async () => {
    const row = rowOf('authorization.k8s.io', 'v1', 'localsubjectaccessreviews');
    expect(await create('nowhere', { row })).toMatchObject({ metadata: {} });
  });

  it('keeps three namespaces for ever', async () => {
    const remove = (name: string) => fixture.ask({ row: namespaces, operation: 'DELETE', namespace: name, name });
    for (const name of ['default', 'kube-system', 'kube-public'])
      expect(await remove(name)).toBe(`403 namespaces "${name}" is forbidden: this namespace may not be deleted`);
    expect(await remove('kube-node-lease')).toBe('admitted');
    const object = { metadata: { name: 'new' } };
    expect(await fixture.ask({ row: namespaces, namespace: 'new', object })).toEqual(object);
  });
});

describe('Priority', () => {
  const classOf = (name: string, value: number, more: object = {}) =>
    fixture.put(classes, { metadata: { name }, value, preemptionPolicy: 'PreemptLowerPriority', ...more });

  it('is 0 without a class, and that of the class otherwise', async () => {
    expect(await fixture.pod({ containers })).toMatchObject({ priority: 0, preemptionPolicy: 'PreemptLowerPriority' });
    expect(await fixture.pod({ containers, priorityClassName: 'pc' })).toBe(
      '403 pods "p" is forbidden: no PriorityClass with name pc was found',
    );
    await classOf('pc', 1000, { preemptionPolicy: 'Never' });
    await classOf('high', 9, { globalDefault: true });
    await classOf('low', 5, { globalDefault: true });
    expect(await fixture.pod({ containers, priorityClassName: 'pc' })).toMatchObject({
      priority: 1000,
      preemptionPolicy: 'Never',
    });
    expect(await fixture.pod({ containers })).toMatchObject({ priority: 5, priorityClassName: 'low' });
  });

  it('cannot be chosen as a number', async () => {
    await classOf('pc', 7);
    expect(await fixture.pod({ containers, priorityClassName: 'pc', priority: 7 })).toMatchObject({ priority: 7 });
    expect(await fixture.pod({ containers, priority: 5 })).toBe(
      '403 pods "p" is forbidden: the integer value of priority (5) must not be provided in pod spec; priority admission controller computed 0 from the given PriorityClass name',
    );
    expect(await fixture.pod({ containers, preemptionPolicy: 'Never' })).toMatch(
      /the string value of PreemptionPolicy \(Never\)/,
    );
  });

  it('is kept on an update that leaves it out', async () => {
    const pod = { metadata: { name: 'p' }, spec: { containers } };
    const oldObject = { ...pod, spec: { containers, priority: 9, preemptionPolicy: 'Never' } };
    expect(await fixture.ask({ operation: 'UPDATE', object: pod, oldObject })).toMatchObject({
      spec: { priority: 9, preemptionPolicy: 'Never' },
    });
  });

  it('has one default class only', async () => {
    const row = rowOf('scheduling.k8s.io', 'v1', 'priorityclasses');
    const object = { metadata: { name: 'second' }, value: 1, globalDefault: true };
    const create = () => fixture.ask({ row, namespace: '', object });
    expect(await create()).toEqual(object);
    await classOf('first', 1, { globalDefault: true });
    expect(await create()).toBe(
      '403 priorityclasses.scheduling.k8s.io "second" is forbidden: PriorityClass first is already marked as default. Only one default can exist',
    );
    const first = { ...object, metadata: { name: 'first' } };
    expect(await fixture.ask({ row, namespace: '', operation: 'UPDATE', object: first, oldObject: first })).toEqual(
      first,
    );
  });
});

describe('small plugins', () => {
  it('DefaultTolerationSeconds adds five minutes on lost nodes', async () => {
    const toleration = (key: string) => ({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 });
    const own = { key: 'node.kubernetes.io/unreachable', operator: 'Exists' };
    expect(await fixture.pod({ containers })).toMatchObject({
      tolerations: [toleration('node.kubernetes.io/not-ready'), toleration('node.kubernetes.io/unreachable')],
    });
    expect(await fixture.pod({ containers, tolerations: [own] })).toMatchObject({
      tolerations: [own, toleration('node.kubernetes.io/not-ready')],
    });
    const all = [{ operator: 'Exists' }];
    expect((await fixture.pod({ containers, tolerations: all })) as object).toHaveProperty('tolerations', all);
  });

  it('TaintNodesByCondition keeps pods off a new node', async () => {
    const row = rowOf('', 'v1', 'nodes');
    const taints = [{ key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' }];
    const create = (object: object) => fixture.ask({ row, namespace: '', object });
    expect(await create({ metadata: { name: 'n' } })).toMatchObject({ spec: { taints } });
    expect(await create({ metadata: { name: 'n' }, spec: { taints } })).toMatchObject({ spec: { taints } });
  });

  it('StorageObjectInUseProtection puts a finalizer on claims and volumes', async () => {
    const object = { metadata: { name: 'x' } };
    expect(await fixture.ask({ row: rowOf('', 'v1', 'persistentvolumeclaims'), object })).toMatchObject({
      metadata: { finalizers: ['kubernetes.io/pvc-protection'] },
    });
    expect(await fixture.ask({ row: rowOf('', 'v1', 'persistentvolumes'), namespace: '', object })).toMatchObject({
      metadata: { finalizers: ['kubernetes.io/pv-protection'] },
    });
    expect(await fixture.ask({ row: configMaps, object })).toEqual(object);
  });

  it('RuntimeClass sets overhead and scheduling', async () => {
    const overhead = { cpu: '1' };
    expect(await fixture.pod({ containers, overhead })).toBe(
      '403 pods "p" is forbidden: pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead',
    );
    const spec = { containers, runtimeClassName: 'rc' };
    expect(await fixture.pod(spec)).toBe('403 pods "p" is forbidden: pod rejected: RuntimeClass "rc" not found');
    await fixture.put(
      { group: 'node.k8s.io', resource: 'runtimeclasses' },
      {
        metadata: { name: 'rc' },
        overhead: { podFixed: overhead },
        scheduling: { nodeSelector: { a: 'b' }, tolerations: [{ key: 'k', operator: 'Exists' }] },
      },
    );
    expect(await fixture.pod({ ...spec, nodeSelector: { c: 'd' } })).toMatchObject({
      overhead,
      nodeSelector: { a: 'b', c: 'd' },
      tolerations: expect.arrayContaining([{ key: 'k', operator: 'Exists' }]),
    });
    expect(await fixture.pod({ ...spec, overhead: { cpu: '2' } })).toMatch(
      /doesn't match RuntimeClass's defined Overhead/,
    );
    expect(await fixture.pod({ ...spec, nodeSelector: { a: 'x' } })).toMatch(
      /conflict: runtimeClass.scheduling.nodeSelector\[a\] = b; pod.spec.nodeSelector\[a\] = x/,
    );
  });

  it('RBACEscalation asks about the four RBAC kinds, whatever is switched off', async () => {
    const asked: unknown[] = [];
    const escalation = (_: unknown, { resource, name, old }: { resource: string; name: string; old: unknown }) => {
      asked.push([resource, name, old]);
    };
    fixture = await admissionFixture({ escalation });
    const object = { metadata: { name: 'r' } };
    const group = 'rbac.authorization.k8s.io';
    await fixture.ask({ row: rowOf(group, 'v1', 'roles'), object });
    await fixture.ask({
      row: rowOf(group, 'v1', 'clusterrolebindings'),
      namespace: '',
      operation: 'UPDATE',
      object,
      oldObject: object,
    });
    await fixture.ask({ row: rowOf(group, 'v1', 'roles'), operation: 'DELETE', oldObject: object });
    await fixture.ask({ row: configMaps, object });
    expect(asked).toEqual([
      ['roles', 'r', undefined],
      ['clusterrolebindings', 'r', object],
    ]);
  });
});
