import type { corev1 } from '@reckon/api/types';
import { describe, expect, it } from 'vitest';
import { pod } from '../testing/make';
import { podRequests } from './pod-requests';
import { milliUnits, units } from './resource-amount';

const container = (name: string, cpu: string, more: Partial<corev1.Container> = {}): corev1.Container => ({
  name,
  resources: { requests: { cpu } },
  ...more,
});
const milliCpu = (spec: Partial<corev1.PodSpec>, status?: corev1.PodStatus): number =>
  podRequests(pod({ spec, ...(status === undefined ? {} : { status }) }), { assumeMissing: false }).milliCpu;

describe('podRequests', () => {
  const always = { restartPolicy: 'Always' };
  it.each<[string, Partial<corev1.PodSpec>, number]>([
    ['the sum of the containers', { containers: [container('a', '1'), container('b', '500m')] }, 1500],
    [
      'the largest init container, if larger',
      { containers: [container('a', '1')], initContainers: [container('i', '2'), container('j', '3')] },
      3000,
    ],
    [
      'sidecars beside the containers',
      { containers: [container('a', '1')], initContainers: [container('s', '2', always)] },
      3000,
    ],
    [
      'an init container beside the sidecars that started before it',
      {
        containers: [container('a', '1')],
        initContainers: [container('s', '2', always), container('i', '4'), container('t', '1', always)],
      },
      6000,
    ],
    [
      'an init container before the sidecars',
      { containers: [container('a', '1')], initContainers: [container('i', '4'), container('s', '2', always)] },
      4000,
    ],
    ['overhead on top', { containers: [container('a', '1')], overhead: { cpu: '250m' } }, 1250],
    ['pod-level requests instead', { containers: [container('a', '1')], resources: { requests: { cpu: '5' } } }, 5000],
  ])('is %s', (_, spec, expected) => {
    expect(milliCpu(spec)).toBe(expected);
  });

  it('takes the largest of asked, allocated and in force while a container is resized', () => {
    const spec = { containers: [container('a', '1')] };
    const status = (requests: string, conditions: corev1.PodCondition[] = []): corev1.PodStatus => ({
      conditions,
      containerStatuses: [
        { name: 'a', ready: true, restartCount: 0, image: '', imageID: '', resources: { requests: { cpu: requests } } },
      ],
    });
    expect(milliCpu(spec, status('2'))).toBe(2000);
    expect(milliCpu(spec, status('500m'))).toBe(1000);
    expect(milliCpu(spec, status('500m', [{ type: 'PodResizePending', status: 'True', reason: 'Infeasible' }]))).toBe(
      500,
    );
  });

  it('assumes a little for containers that name nothing, when asked to', () => {
    const assumed = podRequests(pod({ spec: { containers: [{ name: 'a' }, container('b', '1')] } }), {
      assumeMissing: true,
    });
    expect(assumed).toMatchObject({ milliCpu: 1100, memory: 2 * 200 * 1024 * 1024 });
    const level = podRequests(pod({ spec: { containers: [{ name: 'a' }], resources: { requests: { cpu: '2' } } } }), {
      assumeMissing: true,
    });
    expect(level).toMatchObject({ milliCpu: 2000, memory: 200 * 1024 * 1024 });
  });
});

describe('quantities in numbers', () => {
  it.each([
    ['100m', 100],
    ['1', 1000],
    ['0.5', 500],
    ['1.5m', 2],
    ['2k', 2_000_000],
  ])('%s is %d thousandths', (text, expected) => {
    expect(milliUnits(text)).toBe(expected);
  });
  it.each([
    ['128Mi', 134_217_728],
    ['1Gi', 1_073_741_824],
    ['1.5Gi', 1_610_612_736],
    ['100M', 100_000_000],
    ['1e3', 1000],
    ['100m', 1],
    ['12345678901234', 12_345_678_901_234],
  ])('%s is %d units', (text, expected) => {
    expect(units(text)).toBe(expected);
  });
});
