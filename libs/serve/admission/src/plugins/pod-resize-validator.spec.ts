import { beforeEach, describe, expect, it } from 'vitest';
import { type AdmissionFixture, admissionFixture, rowOf } from '../testing/admission-fixture.suite';

const core = (resource: string) => ({ group: '', resource });
const row = rowOf('', 'v1', 'pods');
let fixture: AdmissionFixture;

beforeEach(async () => {
  fixture = await admissionFixture();
  const status = {
    allocatable: { cpu: '4', memory: '8Gi' },
    declaredFeatures: ['InPlacePodLevelResourcesVerticalScaling'],
  };
  for (const [name, os] of [['linux'], ['windows'], ['untold', undefined]])
    await fixture.put(core('nodes'), {
      metadata: { name, labels: name === 'untold' ? {} : { 'kubernetes.io/os': os ?? name } },
      status,
    });
});

const podOn = (nodeName: string | undefined, requests: object, more: object = {}): object => ({
  metadata: { namespace: 'default', name: 'p' },
  spec: { containers: [{ name: 'c', image: 'i', resources: { requests } }], nodeName, ...more },
});

async function resized(to: object, from: object = podOn('linux', { cpu: '1' }), subresource = 'resize') {
  const answer = await fixture.ask({ row, operation: 'UPDATE', subresource, name: 'p', object: to, oldObject: from });
  return typeof answer === 'string' ? answer : 'admitted';
}

describe('a pod that is resized', () => {
  const tooMuch = '403 pods "p" is forbidden: node didn\'t have enough allocatable resources: ';

  it.each<readonly [string, object, string]>([
    ['what its node has', podOn('linux', { cpu: '4', memory: '8Gi' }), 'admitted'],
    ['more CPU', podOn('linux', { cpu: '4001m' }), `${tooMuch}cpu, requested: 4001, allocatable: 4000`],
    [
      'more memory',
      podOn('linux', { memory: '9Gi' }),
      `${tooMuch}memory, requested: 9663676416, allocatable: 8589934592`,
    ],
    [
      'more of both',
      podOn('linux', { cpu: '10', memory: '10Gi' }),
      `${tooMuch}cpu, requested: 10000, allocatable: 4000; memory, requested: 10737418240, allocatable: 8589934592`,
    ],
    [
      'more with its overhead',
      podOn('linux', { cpu: '4' }, { overhead: { cpu: '1m' } }),
      `${tooMuch}cpu, requested: 4001, allocatable: 4000`,
    ],
    [
      'more than the pod as a whole asks for',
      podOn('linux', { cpu: '9' }, { resources: { requests: { cpu: '2' } } }),
      'admitted',
    ],
    ['a node of an unknown system', podOn('untold', { cpu: '2' }), 'admitted'],
    [
      'a node of another system',
      podOn('windows', { cpu: '9' }),
      '403 pods "p" is forbidden: pod resize is only supported on linux nodes, node "windows" is "windows"',
    ],
    ['a node that is gone', podOn('gone', { cpu: '2' }), '403 pods "p" is forbidden: node "gone" not found'],
    ['no node yet', podOn(undefined, { cpu: '90' }), 'admitted'],
  ])('to %s', async (_, to, answer) => {
    expect(await resized(to)).toBe(answer);
  });

  it('is not looked at where nothing changes, nor where it is no resize', async () => {
    const much = podOn('linux', { cpu: '90' });
    expect(await resized(much, much)).toBe('admitted');
    expect(await resized(much, podOn('linux', { cpu: '1' }), 'status')).toBe('admitted');
  });

  it('is not held against what is still in force', async () => {
    const status = { containerStatuses: [{ name: 'c', allocatedResources: { cpu: '90' } }] };
    expect(await resized({ ...podOn('linux', { cpu: '2' }), status })).toBe('admitted');
  });
});
