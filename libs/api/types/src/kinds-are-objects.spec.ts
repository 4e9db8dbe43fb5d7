import type { KubeObject } from '@reckon/api/machinery';
import { describe, expect, expectTypeOf, it } from 'vitest';
import type { appsv1, corev1, metav1 } from './index';

describe('generated types', () => {
  it('every kind is a KubeObject and a literal of one needs no cast', () => {
    const pod: corev1.Pod = { metadata: { name: 'a' }, spec: { containers: [{ name: 'c', image: 'i' }] } };
    const asObject: KubeObject = pod;
    expect(asObject.metadata.name).toBe('a');
    expectTypeOf<appsv1.ReplicaSet>().toExtend<KubeObject>();
  });

  it('inlined structs are part of their owner', () => {
    const volume: corev1.Volume = { name: 'v', emptyDir: {} };
    expect(volume.emptyDir).toEqual({});
    expectTypeOf<corev1.Volume['configMap']>().toEqualTypeOf<corev1.ConfigMapVolumeSource | undefined>();
  });

  it('special kinds are what JSON holds', () => {
    expectTypeOf<corev1.HTTPGetAction['port']>().toEqualTypeOf<number | string>();
    expectTypeOf<corev1.ResourceRequirements['limits']>().toEqualTypeOf<Record<string, string> | undefined>();
    expectTypeOf<corev1.Secret['data']>().toEqualTypeOf<Record<string, string> | undefined>();
    expectTypeOf<metav1.Condition['lastTransitionTime']>().toEqualTypeOf<string>();
  });
});
