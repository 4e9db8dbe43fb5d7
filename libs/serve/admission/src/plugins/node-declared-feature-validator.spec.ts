import type { corev1 } from '@reckon/api/types';
import { beforeEach, describe, expect, it } from 'vitest';
import { type AdmissionFixture, admissionFixture, rowOf } from '../testing/admission-fixture.suite';

const core = (resource: string) => ({ group: '', resource });
const row = rowOf('', 'v1', 'pods');
const [wholePod, initContainers] = [
  'InPlacePodLevelResourcesVerticalScaling',
  'InPlacePodVerticalScalingInitContainers',
];
let fixture: AdmissionFixture;

beforeEach(async () => {
  fixture = await admissionFixture();
  const allocatable = { cpu: '4', memory: '8Gi' };
  for (const [name, declaredFeatures] of Object.entries({ new: [wholePod, initContainers], part: [wholePod], old: [] }))
    await fixture.put(core('nodes'), { metadata: { name }, status: { allocatable, declaredFeatures } });
});

const cpu = (amount: string): corev1.ResourceRequirements => ({ requests: { cpu: amount } });
const podOn = (nodeName: string | undefined, more: Partial<corev1.PodSpec> = {}): object => ({
  metadata: { namespace: 'default', name: 'p' },
  spec: {
    containers: [{ name: 'c', image: 'i', resources: cpu('100m') }],
    initContainers: [{ name: 'i', image: 'i', resources: cpu('100m') }],
    resources: cpu('1'),
    ...(nodeName === undefined ? {} : { nodeName }),
    ...more,
  },
});
const whole: Partial<corev1.PodSpec> = { resources: cpu('2') };
const init: Partial<corev1.PodSpec> = { initContainers: [{ name: 'i', image: 'i', resources: cpu('200m') }] };
const sidecar = (amount: string): Partial<corev1.PodSpec> => ({
  initContainers: [{ name: 'i', image: 'i', restartPolicy: 'Always', resources: cpu(amount) }],
});
const container: Partial<corev1.PodSpec> = { containers: [{ name: 'c', image: 'i', resources: cpu('200m') }] };

async function changed(to: object, from: object, subresource: string): Promise<string> {
  const answer = await fixture.ask({ row, operation: 'UPDATE', subresource, name: 'p', object: to, oldObject: from });
  return typeof answer === 'string' ? answer : 'admitted';
}

describe('a pod that is changed', () => {
  const refused = (features: string, node: string): string =>
    `403 pods "p" is forbidden: pod update requires features ${features} which are not available on node "${node}"`;

  it.each<readonly [string, string | undefined, Partial<corev1.PodSpec>, string]>([
    ['on a node that has it', 'new', { ...whole, ...init }, 'admitted'],
    ['as a whole on an old node', 'old', whole, refused(wholePod, 'old')],
    ['in its init containers on an old node', 'old', init, refused(initContainers, 'old')],
    ['in both on an old node', 'old', { ...whole, ...init }, refused(`${wholePod}, ${initContainers}`, 'old')],
    ['in both on a node that has one of them', 'part', { ...whole, ...init }, refused(initContainers, 'part')],
    ['in a container on an old node', 'old', container, 'admitted'],
    ['on a node that is gone', 'gone', whole, '403 pods "p" is forbidden: node "gone" not found'],
    ['before it has a node', undefined, { ...whole, ...init }, 'admitted'],
  ])('%s is admitted or not', async (_, nodeName, change, answer) => {
    for (const subresource of ['', 'resize'])
      expect(await changed(podOn(nodeName, change), podOn(nodeName), subresource)).toBe(answer);
  });

  it('may have sidecars resized anywhere', async () => {
    expect(await changed(podOn('old', sidecar('2')), podOn('old', sidecar('1')), 'resize')).toBe('admitted');
  });

  it('is not looked at through other subresources, nor where its spec stays', async () => {
    expect(await changed(podOn('old', whole), podOn('old'), 'status')).toBe('admitted');
    const labelled = { ...podOn('gone'), metadata: { namespace: 'default', name: 'p', labels: { a: 'b' } } };
    expect(await changed(labelled, podOn('gone'), '')).toBe('admitted');
  });

  it('is not looked at when it is made, nor is anything else', async () => {
    const made = await fixture.ask({ row, operation: 'CREATE', name: 'p', object: podOn('old', whole) });
    expect(typeof made).not.toBe('string');
  });
});
