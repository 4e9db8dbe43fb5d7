import { fakeClock, MetricsRegistry } from '@reckon/kernel';
import { beforeEach, describe, expect, it } from 'vitest';
import type { AdmissionOptions } from '../../create-admission';
import { type AdmissionFixture, type Ask, admissionFixture, ctx, rowOf } from '../../testing/admission-fixture.suite';

const enforce = 'pod-security.kubernetes.io/enforce';
const warn = 'pod-security.kubernetes.io/warn';
const audit = 'pod-security.kubernetes.io/audit';
const rootPod = { containers: [{ name: 'a', image: 'i', securityContext: { privileged: true } }] };
const privileged = 'privileged (container "a" must not set securityContext.privileged=true)';

let fixture: AdmissionFixture;
let warnings: string[];
let notes: Record<string, string>;
const context = {
  ...ctx,
  warn: (text: string) => void warnings.push(text),
  annotate: (key: string, value: string) => {
    notes[key.replace('pod-security.kubernetes.io/', '')] = value;
  },
};

async function start(content?: object): Promise<void> {
  const configurations: AdmissionOptions['configurations'] =
    content === undefined ? {} : { PodSecurity: { content, file: 'psa.yaml' } };
  fixture = await admissionFixture({ configurations, disable: ['ServiceAccount'] });
}
beforeEach(async () => {
  warnings = [];
  notes = {};
  await start();
});

const label = (labels: Record<string, string>, name = 'default'): Promise<void> =>
  fixture.put({ group: '', resource: 'namespaces' }, { metadata: { name, labels }, status: { phase: 'Active' } });
const asked = async (ask: Ask): Promise<string> => {
  const answer = await fixture.ask({ ...ask, ctx: context });
  return typeof answer === 'string' ? answer : 'admitted';
};
const pod = (spec: object = rootPod, more: Ask = {}): Promise<string> =>
  asked({ object: { metadata: { name: 'p' }, spec }, ...more });
const namespace = (labels: Record<string, string>, before?: Record<string, string>): Promise<string> =>
  asked({
    row: rowOf('', 'v1', 'namespaces'),
    namespace: 'default',
    name: 'default',
    operation: before === undefined ? 'CREATE' : 'UPDATE',
    object: { metadata: { name: 'default', labels } },
    oldObject: before === undefined ? undefined : { metadata: { name: 'default', labels: before } },
  } as Ask);

describe('the PodSecurity plugin', () => {
  it('lets everything in where nothing is asked for', async () => {
    expect(await pod()).toBe('admitted');
    expect([warnings, notes]).toEqual([[], { 'enforce-policy': 'privileged:latest' }]);
  });

  it('refuses what the namespace forbids', async () => {
    await label({ [enforce]: 'baseline' });
    expect(await pod()).toBe(`403 pods "p" is forbidden: violates PodSecurity "baseline:latest": ${privileged}`);
    expect(warnings).toEqual([]);
    expect(notes).toEqual({ 'enforce-policy': 'baseline:latest' });
    expect(await pod({ containers: [{ name: 'a' }] })).toBe('admitted');
  });

  it('warns and notes', async () => {
    await label({ [warn]: 'baseline', [`${warn}-version`]: 'v1.20', [audit]: 'restricted' });
    expect(await pod()).toBe('admitted');
    expect(warnings).toEqual([`would violate PodSecurity "baseline:v1.20": ${privileged}`]);
    expect(notes['audit-violations']).toMatch(/^would violate PodSecurity "restricted:latest": privileged /);
  });

  it('warns of controllers whose pods it would refuse, and lets them in', async () => {
    await label({ [enforce]: 'baseline', [`${enforce}-version`]: 'v1.30' });
    const template = { spec: rootPod };
    const kinds: [string, string, object][] = [
      ['apps', 'deployments', { template }],
      ['apps', 'replicasets', { template }],
      ['apps', 'statefulsets', { template }],
      ['apps', 'daemonsets', { template }],
      ['batch', 'jobs', { template }],
      ['batch', 'cronjobs', { jobTemplate: { spec: { template } } }],
      ['', 'replicationcontrollers', { template }],
    ];
    for (const [group, resource, spec] of kinds)
      expect(await asked({ row: rowOf(group, 'v1', resource), object: { metadata: { name: 'd' }, spec } })).toBe(
        'admitted',
      );
    expect(await asked({ row: rowOf('', 'v1', 'podtemplates'), object: { metadata: { name: 'd' }, template } })).toBe(
      'admitted',
    );
    expect(warnings).toEqual(Array(8).fill(`would violate PodSecurity "baseline:v1.30": ${privileged}`));
    expect(notes['enforce-policy']).toBeUndefined();
    expect(
      await asked({ row: rowOf('', 'v1', 'replicationcontrollers'), object: { metadata: { name: 'r' }, spec: {} } }),
    ).toBe('admitted');
  });

  it('takes labels that it cannot read for the strictest', async () => {
    await label({ [enforce]: 'Baseline', [warn]: 'x', [audit]: '' });
    expect(await pod()).toMatch(/violates PodSecurity "restricted:latest"/);
    expect(notes['error']).toMatch(/^Failed to parse policy: \[metadata.labels/);
  });

  it('looks at changes of a pod that matter', async () => {
    await label({ [enforce]: 'baseline' });
    const old = { metadata: { name: 'p' }, spec: rootPod };
    const changed = (spec: object, subresource = ''): Promise<string> =>
      pod(spec, { operation: 'UPDATE', oldObject: old, subresource });
    expect(await changed({ ...rootPod, tolerations: [] })).toBe('admitted');
    expect(await changed({ containers: [{ ...rootPod.containers[0], image: 'other' }] })).toMatch(/^403/);
    const ephemeralContainers = [{ name: 'e', image: 'i' }];
    expect(await changed({ ...rootPod, ephemeralContainers }, 'ephemeralcontainers')).toMatch(/^403/);
    for (const subresource of ['status', 'binding', 'eviction'])
      expect(await changed({ ...rootPod, ephemeralContainers }, subresource)).toBe('admitted');
  });

  it('refuses labels that mean nothing, unless they were there before', async () => {
    const bad = { [enforce]: 'strict', [`${warn}-version`]: '1.30' };
    const why =
      '422 Namespace "default" is invalid: [metadata.labels[pod-security.kubernetes.io/enforce]: Invalid value: "strict": must be one of privileged, baseline, restricted, ' +
      'metadata.labels[pod-security.kubernetes.io/warn-version]: Invalid value: "1.30": must be "latest" or "v1.x"]';
    expect(await namespace(bad)).toBe(why);
    expect(await namespace(bad, {})).toBe(why);
    expect(await namespace({ ...bad, other: 'x' }, bad)).toBe('admitted');
    for (const version of ['v1.01', 'v2.0', 'v1', 'V1.2', '', 'v1.2.3', ' latest', `v1.${'9'.repeat(60)}`])
      expect(await namespace({ [`${enforce}-version`]: version })).toMatch(/^422 /);
  });

  it('tells which pods a namespace that becomes stricter has already', async () => {
    const controlled = { ownerReferences: [{ controller: true, uid: 'u' }] };
    const put = (name: string, spec: object, metadata: object = {}): Promise<void> =>
      fixture.put({ group: '', resource: 'pods' }, { metadata: { namespace: 'default', name, ...metadata }, spec });
    await put('b', rootPod, controlled);
    await put('a', rootPod, controlled);
    await put('c', { ...rootPod, hostPID: true });
    await put('good', { containers: [{ name: 'a' }] });
    expect(await namespace({ [enforce]: 'baseline' }, {})).toBe('admitted');
    expect(warnings).toEqual([
      'existing pods in namespace "default" violate the new PodSecurity enforce level "baseline:latest"',
      'a (and 1 other pod): privileged',
      'c: host namespaces, privileged',
    ]);
    warnings = [];
    for (const [after, before] of [
      [{ [enforce]: 'baseline' }, { [enforce]: 'baseline' }],
      [{ [enforce]: 'baseline' }, { [enforce]: 'restricted' }],
      [{ [enforce]: 'privileged' }, { [enforce]: 'restricted' }],
      [{ [warn]: 'restricted' }, {}],
    ] as Record<string, string>[][])
      expect(await namespace(after ?? {}, before)).toBe('admitted');
    expect(warnings).toEqual([]);
    await namespace({ [enforce]: 'baseline', [`${enforce}-version`]: 'v1.20' }, { [enforce]: 'baseline' });
    expect(warnings).toHaveLength(3);
  });
});

describe('the configuration of PodSecurity', () => {
  const apiVersion = 'pod-security.admission.config.k8s.io/v1';
  const kind = 'PodSecurityConfiguration';

  it('says what is asked where a namespace says nothing', async () => {
    await start({ apiVersion, kind, defaults: { enforce: 'baseline', 'enforce-version': 'v1.25' } });
    expect(await pod()).toMatch(/violates PodSecurity "baseline:v1.25"/);
    await label({ [enforce]: 'privileged' });
    expect(await pod()).toBe('admitted');
  });

  it('excuses namespaces, users and runtime classes', async () => {
    await start({
      apiVersion,
      kind,
      defaults: { enforce: 'restricted' },
      exemptions: { namespaces: ['free'], usernames: ['root'], runtimeClasses: ['vm'] },
    });
    await label({}, 'free');
    expect(await pod(rootPod, { namespace: 'free' })).toBe('admitted');
    expect(notes).toEqual({ exempt: 'namespace' });
    expect(await pod(rootPod, { user: { name: 'root', groups: [] } })).toBe('admitted');
    expect(notes).toEqual({ exempt: 'user' });
    await fixture.put({ group: 'node.k8s.io', resource: 'runtimeclasses' }, { metadata: { name: 'vm' } });
    expect(await pod({ ...rootPod, runtimeClassName: 'vm' })).toBe('admitted');
    expect(notes['exempt']).toBe('runtimeClass');
    expect(await pod(rootPod, { user: { name: 'Root', groups: ['root'] } })).toMatch(/^403/);
  });

  it('warns of labels on a namespace that is excused', async () => {
    await start({ apiVersion, kind, exemptions: { namespaces: ['default'] } });
    await namespace({ [enforce]: 'baseline', [`${audit}-version`]: 'v1.20' });
    expect(warnings).toEqual([
      'namespace "default" is exempt from Pod Security, and the policy (enforce=baseline:latest) will be ignored',
    ]);
  });

  it.each<[string, object]>([
    ['of another kind', { kind: 'X', apiVersion }],
    ['of another version', { kind, apiVersion: 'v1' }],
    ['with a level that there is not', { kind, apiVersion, defaults: { enforce: 'strict' } }],
    ['with a version that there is not', { kind, apiVersion, defaults: { 'warn-version': '1.20' } }],
    ['with a name twice', { kind, apiVersion, exemptions: { usernames: ['a', 'a'] } }],
    ['with an empty name', { kind, apiVersion, exemptions: { namespaces: [''] } }],
    ['with an unknown field', { kind, apiVersion, default: {} }],
  ])('is refused %s', async (_, content) => {
    await expect(start(content)).rejects.toThrow(/psa.yaml: admission plugin PodSecurity: /);
  });

  it('counts what it held against which policy, and who was exempt', async () => {
    const metrics = new MetricsRegistry();
    const { put, pod, ask } = await admissionFixture({
      timing: { metrics, clock: fakeClock() },
      configurations: {
        PodSecurity: {
          file: 'pod-security.yaml',
          content: {
            apiVersion: 'pod-security.admission.config.k8s.io/v1',
            kind: 'PodSecurityConfiguration',
            exemptions: { usernames: ['root'] },
          },
        },
      },
    });
    const spec = { hostNetwork: true, containers: [{ name: 'a', image: 'a' }] };
    await pod(spec);
    const labels = {
      'pod-security.kubernetes.io/enforce': 'baseline',
      'pod-security.kubernetes.io/enforce-version': 'v1.30',
      'pod-security.kubernetes.io/warn': 'restricted',
      'pod-security.kubernetes.io/warn-version': 'v1.99',
      'pod-security.kubernetes.io/audit': 'none',
    };
    await put({ group: '', resource: 'namespaces' }, { metadata: { name: 'default', labels } });
    await pod(spec);
    await pod({ containers: [{ name: 'a', image: 'a' }] });
    await ask({ object: { metadata: { name: 'p', namespace: 'default' }, spec }, user: { name: 'root', groups: [] } });
    const lines = metrics
      .render()
      .split('\n')
      .filter((line) => line.startsWith('pod_security_') && !line.endsWith(' 0'));
    const of = (decision: string, level: string, version: string, mode: string): string =>
      `pod_security_evaluations_total{decision="${decision}",policy_level="${level}",policy_version="${version}",mode="${mode}",request_operation="create",resource="pod",subresource=""}`;
    expect(lines.sort()).toEqual(
      [
        'pod_security_errors_total{fatal="false",request_operation="create",resource="pod",subresource=""} 2',
        `${of('allow', 'baseline', 'v1.30', 'enforce')} 1`,
        `${of('allow', 'privileged', 'latest', 'enforce')} 1`,
        `${of('deny', 'baseline', 'v1.30', 'enforce')} 1`,
        `${of('deny', 'restricted', 'future', 'warn')} 1`,
        'pod_security_exemptions_total{request_operation="create",resource="pod",subresource=""} 1',
      ].sort(),
    );
  });
});
