import { describe, expect, it } from 'vitest';
import { node, pod } from '../testing/make';
import { nodeChanges } from './node-changes';
import { podChanges } from './pod-changes';

describe('nodeChanges', () => {
  it('sees what matters and not the heartbeat', () => {
    const beat = node();
    beat.status = {
      ...beat.status,
      conditions: [{ type: 'Ready', status: 'True', lastHeartbeatTime: '2026-01-01T00:00:00Z' }],
    };
    expect(nodeChanges(node(), beat)).toEqual([]);
    expect(nodeChanges(node(), node({ labels: { a: 'b' } }))).toEqual(['UpdateNodeLabel']);
    expect(nodeChanges(node(), node({ spec: { unschedulable: true } }))).toEqual(['UpdateNodeTaint']);
    expect(nodeChanges(node(), node({ allocatable: { cpu: '8' } }))).toEqual(['UpdateNodeAllocatable']);
    expect(nodeChanges(node({ declaredFeatures: ['A'] }), node({ declaredFeatures: ['A', 'B'] }))).toEqual([
      'UpdateNodeDeclaredFeature',
    ]);
    expect(nodeChanges(node(), node({ declaredFeatures: [] }))).toEqual([]);
    const notReady = node();
    notReady.status = { ...notReady.status, conditions: [{ type: 'Ready', status: 'False' }] };
    expect(nodeChanges(node(), notReady)).toEqual(['UpdateNodeCondition']);
  });
});

describe('podChanges', () => {
  it('sees what matters and not a new condition', () => {
    expect(podChanges(pod(), pod({ status: { phase: 'Running' } }))).toEqual([]);
    expect(podChanges(pod(), pod({ labels: { a: 'b' } }))).toEqual(['UpdatePodLabel']);
    expect(podChanges(pod(), pod({ spec: { tolerations: [{ operator: 'Exists' }] } }))).toEqual([
      'UpdatePodToleration',
    ]);
    expect(podChanges(pod({ spec: { schedulingGates: [{ name: 'g' }] } }), pod())).toEqual([
      'UpdatePodSchedulingGatesEliminated',
    ]);
    const smaller = pod({ requests: { cpu: '1' } });
    smaller.metadata.generation = 2;
    expect(podChanges(pod({ requests: { cpu: '2' } }), smaller)).toEqual(['UpdatePodScaleDown']);
    expect(podChanges(smaller, pod({ requests: { cpu: '2' } }))).toEqual([]);
  });
});
