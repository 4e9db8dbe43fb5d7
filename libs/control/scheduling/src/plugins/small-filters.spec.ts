import { describe, expect, it } from 'vitest';
import { filterReasons, isHelped, node, nodeInfo, podInfo, scoresOf } from '../testing/make';
import { balancedAllocation } from './balanced-allocation';
import { nodeName } from './node-name';
import { nodeUnschedulable } from './node-unschedulable';
import { schedulingGates } from './scheduling-gates';

describe('NodeName', () => {
  it('takes the named node only', () => {
    const nodes = [nodeInfo({ name: 'a' }), nodeInfo({ name: 'b' })];
    expect(filterReasons(nodeName(), podInfo({ spec: { nodeName: 'b' } }), nodes)).toEqual([
      "node(s) didn't match the requested node name",
      '',
    ]);
    expect(filterReasons(nodeName(), podInfo(), nodes)).toEqual(['', '']);
  });
});

describe('NodeUnschedulable', () => {
  const cordoned = nodeInfo({ spec: { unschedulable: true } });

  it('refuses a cordoned node, unless the pod tolerates it', () => {
    expect(filterReasons(nodeUnschedulable(), podInfo(), [cordoned, nodeInfo()])).toEqual([
      'node(s) were unschedulable',
      '',
    ]);
    const daemon = podInfo({
      spec: { tolerations: [{ key: 'node.kubernetes.io/unschedulable', operator: 'Exists', effect: 'NoSchedule' }] },
    });
    expect(filterReasons(nodeUnschedulable(), daemon, [cordoned])).toEqual(['']);
  });

  it('is helped when a node is uncordoned', () => {
    const before = node({ spec: { unschedulable: true } });
    expect(
      isHelped(nodeUnschedulable(), podInfo(), { resource: 'Node', action: 'UpdateNodeTaint', before, after: node() }),
    ).toBe(true);
    expect(
      isHelped(nodeUnschedulable(), podInfo(), {
        resource: 'Node',
        action: 'UpdateNodeTaint',
        before: node(),
        after: node(),
      }),
    ).toBe(false);
  });
});

describe('SchedulingGates', () => {
  it('keeps a pod aside while a gate is there', () => {
    const gated = podInfo({ spec: { schedulingGates: [{ name: 'a' }, { name: 'b' }] } });
    expect(schedulingGates().preEnqueue?.(gated)).toMatchObject({ reasons: ['waiting for scheduling gates: [a b]'] });
    expect(schedulingGates().preEnqueue?.(podInfo())).toBeUndefined();
  });
});

describe('NodeResourcesBalancedAllocation', () => {
  it('prefers like use of CPU and memory, and leaves pods without requests alone', () => {
    const nodes = [
      nodeInfo({}, [{ requests: { cpu: '2' } }]),
      nodeInfo({}, [{ requests: { cpu: '2', memory: '4Gi' } }]),
    ];
    expect(scoresOf(balancedAllocation(), podInfo({ requests: { cpu: '1', memory: '2Gi' } }), nodes)).toEqual([
      75, 100,
    ]);
    expect(scoresOf(balancedAllocation(), podInfo(), nodes)).toBeUndefined();
  });
});
