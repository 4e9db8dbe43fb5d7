import type { corev1 } from '@reckon/api/types';
import { describe, expect, it } from 'vitest';
import { admissionFixture, rowOf } from '../testing/admission-fixture.suite';

const stored: corev1.Pod = {
  metadata: { namespace: 'default', name: 'p' },
  spec: {
    containers: [
      { name: 'c', image: 'i', resources: { requests: { cpu: '1', memory: '1Gi', 'example.com/device': '1' } } },
    ],
  },
};

/** A pod that a patch of labels has made of the stored one: they share all but their metadata. */
const labelled = (): corev1.Pod => ({ ...stored, metadata: { ...stored.metadata, labels: { a: 'b' } } });

function freeze(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  Object.values(value).forEach(freeze);
  Object.freeze(value);
}
freeze(stored);

describe('a pod of which a patch has left the spec alone', () => {
  const toleration = (key: string, more: object): object => ({ key, operator: 'Exists', ...more });

  it.each<readonly [string, string, object]>([
    [
      'DefaultTolerationSeconds',
      '',
      {
        tolerations: [
          toleration('node.kubernetes.io/not-ready', { effect: 'NoExecute', tolerationSeconds: 300 }),
          toleration('node.kubernetes.io/unreachable', { effect: 'NoExecute', tolerationSeconds: 300 }),
        ],
      },
    ],
    ['ExtendedResourceToleration', '', { tolerations: [toleration('example.com/device', { effect: 'NoSchedule' })] }],
    [
      'PodTolerationRestriction',
      '',
      { tolerations: [toleration('node.kubernetes.io/memory-pressure', { effect: 'NoSchedule' })] },
    ],
    ['Priority', '', {}],
    ['AlwaysPullImages', '', {}],
    [
      'LimitRanger',
      'resize',
      {
        containers: [
          {
            name: 'c',
            image: 'i',
            resources: {
              requests: { cpu: '1', memory: '1Gi', 'example.com/device': '1' },
              limits: { memory: '4Gi' },
            },
          },
        ],
      },
    ],
  ])('gets what %s gives it, and the stored one stays as it is', async (plugin, subresource, more) => {
    const disable = ['DefaultTolerationSeconds', 'LimitRanger', 'Priority'].filter((name) => name !== plugin);
    const fixture = await admissionFixture({ enable: [plugin], disable });
    await fixture.put(
      { group: '', resource: 'limitranges' },
      {
        metadata: { namespace: 'default', name: 'l' },
        spec: { limits: [{ type: 'Container', default: { memory: '4Gi' } }] },
      },
    );
    const admitted = await fixture.ask({
      row: rowOf('', 'v1', 'pods'),
      operation: 'UPDATE',
      subresource,
      object: labelled(),
      oldObject: stored,
      isShared: true,
    });
    expect(admitted).toMatchObject({ metadata: labelled().metadata });
    expect((admitted as corev1.Pod).spec).toEqual({ ...stored.spec, ...more });
  });
});
