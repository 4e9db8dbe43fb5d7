import { describe, expect, it } from 'vitest';
import { lostConditions } from './lost-conditions';
import { type Node, zoneOf } from './node';
import { NodeHealth } from './node-health';
import { labelsToSet } from './node-labels';

const health = (): NodeHealth => new NodeHealth({ nodeMonitorGracePeriodMs: 50, nodeStartupGracePeriodMs: 60 });
const nodeWith = (ready?: { status: string; lastHeartbeatTime: string }): Node => ({
  metadata: { name: 'n' },
  ...(ready === undefined ? {} : { status: { conditions: [{ type: 'Ready', ...ready }] } }),
});
const well = nodeWith({ status: 'True', lastHeartbeatTime: '1' });
const at = (elapsedMs: number, more: { ageMs?: number; renewTime?: string } = {}) => ({
  elapsedMs,
  ageMs: 0,
  renewTime: undefined,
  ...more,
});

describe('the health of a node', () => {
  it('is good for the grace period after each sign of life', () => {
    const nodes = health();
    nodes.node(well, at(1_000, { ageMs: 5_000 }));
    expect(nodes.remainingMs('n', 1_000)).toBe(51);
    nodes.node(well, at(1_030));
    expect(nodes.remainingMs('n', 1_030)).toBe(21);
    nodes.node(nodeWith({ status: 'True', lastHeartbeatTime: '2' }), at(1_040));
    expect(nodes.remainingMs('n', 1_090)).toBe(1);
    expect(nodes.remainingMs('n', 1_091)).toBe(0);
    nodes.lease('n', 'b', 1_095);
    expect(nodes.remainingMs('n', 1_095)).toBe(51);
    nodes.lease('n', 'b', 1_100);
    nodes.lease('n', 'a', 1_100);
    nodes.lease('n', undefined, 1_100);
    expect(nodes.remainingMs('n', 1_100)).toBe(46);
    nodes.restart('n', 1_200);
    expect(nodes.remainingMs('n', 1_200)).toBe(51);
    nodes.restartAll(1_210);
    expect(nodes.remainingMs('n', 1_210)).toBe(51);
  });

  it('of one that never told its state is counted from its creation, longer', () => {
    const nodes = health();
    nodes.node(nodeWith(), at(1_000, { ageMs: 40 }));
    expect(nodes.remainingMs('n', 1_000)).toBe(21);
    nodes.forget('n');
    nodes.node(nodeWith(), at(1_000, { ageMs: 40, renewTime: 'a' }));
    expect(nodes.remainingMs('n', 1_000)).toBe(61);
  });

  it('of one that nobody knows is nobody’s concern', () => {
    const nodes = health();
    nodes.lease('n', 'a', 1);
    nodes.restart('n', 1);
    expect(nodes.remainingMs('n', 1_000)).toBe(Infinity);
    expect(nodes.unreadyForMs('n', 1_000)).toBe(0);
  });

  it('tells how long it has been unready', () => {
    const nodes = health();
    nodes.node(well, at(10));
    expect(nodes.unreadyForMs('n', 20)).toBe(0);
    nodes.node(nodeWith({ status: 'False', lastHeartbeatTime: '2' }), at(30));
    nodes.node(nodeWith({ status: 'Unknown', lastHeartbeatTime: '2' }), at(40));
    expect(nodes.unreadyForMs('n', 50)).toBe(20);
  });
});

it('conditions of a lost node are unknown, each with its own reason', () => {
  const node: Node = {
    metadata: { name: 'n', creationTimestamp: 'born' },
    status: {
      conditions: [
        {
          type: 'Ready',
          status: 'True',
          reason: 'KubeletReady',
          message: 'm',
          lastHeartbeatTime: 'h',
          lastTransitionTime: 't',
        },
        { type: 'PIDPressure', status: 'Unknown', reason: 'NodeStatusUnknown' },
        { type: 'NetworkUnavailable', status: 'False' },
      ],
    },
  };
  const never = { status: 'Unknown', reason: 'NodeStatusNeverUpdated', message: 'Kubelet never posted node status.' };
  expect(lostConditions(node, 'now')).toEqual([
    {
      type: 'Ready',
      status: 'Unknown',
      reason: 'NodeStatusUnknown',
      message: 'Kubelet stopped posting node status.',
      lastHeartbeatTime: 'h',
      lastTransitionTime: 'now',
    },
    { type: 'MemoryPressure', ...never, lastHeartbeatTime: 'born', lastTransitionTime: 'now' },
    { type: 'DiskPressure', ...never, lastHeartbeatTime: 'born', lastTransitionTime: 'now' },
  ]);
});

it('old labels follow the new ones, and zones are named by them', () => {
  const labelled = (labels: Record<string, string>): Node => ({ metadata: { name: 'n', labels } });
  expect(
    labelsToSet(
      labelled({ 'kubernetes.io/os': 'linux', 'kubernetes.io/arch': 'arm64', 'beta.kubernetes.io/arch': 'x' }),
    ),
  ).toEqual({
    'beta.kubernetes.io/os': 'linux',
    'beta.kubernetes.io/arch': 'arm64',
  });
  expect(labelsToSet(labelled({ 'kubernetes.io/os': 'linux', 'beta.kubernetes.io/os': 'linux' }))).toBeUndefined();
  expect(labelsToSet({ metadata: { name: 'n' } })).toBeUndefined();
  expect(zoneOf(labelled({}))).toBe('');
  expect(zoneOf(labelled({ 'topology.kubernetes.io/zone': 'z' }))).toBe(':\u0000:z');
  expect(zoneOf(labelled({ 'failure-domain.beta.kubernetes.io/region': 'r' }))).toBe('r:\u0000:');
});
