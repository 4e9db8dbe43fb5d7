import { describe, expect, it } from 'vitest';
import { node, nodeInfo, type PodParts, isHelped, pod, podInfo, scoresOf } from '../testing/make';
import { CycleState } from '../framework/cycle-state';
import { nodeResourcesFit } from './node-resources-fit';

const fit = nodeResourcesFit();
const outcome = (wanted: PodParts, target = nodeInfo()) => fit.filter?.(new CycleState(), podInfo(wanted), target);

describe('NodeResourcesFit', () => {
  it.each<[string, PodParts, ReturnType<typeof nodeInfo>, readonly string[], string]>([
    ['fits exactly', { requests: { cpu: '4', memory: '8Gi' } }, nodeInfo(), [], ''],
    [
      'too little left',
      { requests: { cpu: '3' } },
      nodeInfo({}, [{ requests: { cpu: '1500m' } }]),
      ['Insufficient cpu'],
      'Unschedulable',
    ],
    [
      'never enough',
      { requests: { memory: '9Gi' } },
      nodeInfo(),
      ['Insufficient memory'],
      'UnschedulableAndUnresolvable',
    ],
    [
      'all that is short, in one order',
      { requests: { 'example.com/gpu': '1', 'ephemeral-storage': '1Gi', memory: '4Gi', cpu: '3' } },
      nodeInfo({}, [{ requests: { cpu: '2', memory: '6Gi' } }]),
      ['Insufficient cpu', 'Insufficient memory', 'Insufficient ephemeral-storage', 'Insufficient example.com/gpu'],
      'UnschedulableAndUnresolvable',
    ],
    ['no more pods', {}, nodeInfo({ allocatable: { pods: '1' } }, [{}]), ['Too many pods'], 'Unschedulable'],
    [
      'an extended resource in use',
      { requests: { 'example.com/gpu': '1' } },
      nodeInfo({ allocatable: { 'example.com/gpu': '2' } }, [{ requests: { 'example.com/gpu': '2' } }]),
      ['Insufficient example.com/gpu'],
      'Unschedulable',
    ],
    ['nothing requested of a full node', {}, nodeInfo({}, [{ requests: { cpu: '4' } }]), [], ''],
  ])('%s', (_, wanted, target, reasons, code) => {
    const status = outcome(wanted, target);
    expect(status?.reasons ?? []).toEqual(reasons);
    expect(status?.code ?? '').toBe(code);
  });

  it('prefers the node with the most left over, counting what requests leave unsaid', () => {
    const nodes = [
      nodeInfo({ name: 'a' }),
      nodeInfo({ name: 'b' }, [{ requests: { cpu: '2', memory: '4Gi' } }]),
      nodeInfo({ name: 'c' }, [{}]),
    ];
    // a: cpu (4000 − 100) / 4000 = 97, memory (8192 − 200) / 8192 = 97; b: 47 and 47; c: 95 and 95.
    expect(scoresOf(fit, podInfo(), nodes)).toEqual([97, 47, 95]);
  });

  it('is helped by a pod that goes, a node that comes and a node that grows, if the pod would fit', () => {
    const wanting = podInfo({ requests: { cpu: '2' } });
    const small = node({ allocatable: { cpu: '1' } });
    const grown = node({ allocatable: { cpu: '2' } });
    expect(isHelped(fit, wanting, { resource: 'AssignedPod', action: 'Delete', before: pod() })).toBe(true);
    expect(isHelped(fit, wanting, { resource: 'Node', action: 'Add', after: small })).toBe(false);
    expect(isHelped(fit, wanting, { resource: 'Node', action: 'Add', after: grown })).toBe(true);
    expect(
      isHelped(fit, wanting, { resource: 'Node', action: 'UpdateNodeAllocatable', before: small, after: grown }),
    ).toBe(true);
    const moreMemory = node({ allocatable: { cpu: '2', memory: '16Gi' } });
    expect(
      isHelped(fit, wanting, { resource: 'Node', action: 'UpdateNodeAllocatable', before: grown, after: moreMemory }),
    ).toBe(false);
    expect(isHelped(fit, wanting, { resource: 'Node', action: 'UpdateNodeLabel', before: small, after: grown })).toBe(
      false,
    );
    const resized = [pod({ requests: { cpu: '2' } }), pod({ requests: { cpu: '1' } })] as const;
    expect(
      isHelped(fit, wanting, {
        resource: 'AssignedPod',
        action: 'UpdatePodScaleDown',
        before: resized[0],
        after: resized[1],
      }),
    ).toBe(true);
    expect(
      isHelped(fit, podInfo({ requests: { memory: '1Gi' } }), {
        resource: 'AssignedPod',
        action: 'UpdatePodScaleDown',
        before: resized[0],
        after: resized[1],
      }),
    ).toBe(false);
  });
});
