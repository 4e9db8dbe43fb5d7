import { timeText } from '@reckon/api/machinery';
import { describe, expect, it } from 'vitest';
import { podsToDelete } from './deletion-rank';
import type { Pod } from './pod-state';

const nowMs = Date.UTC(2026, 0, 1, 12);
const minutesAgo = (n: number): string => timeText(nowMs - n * 60_000);

interface Traits {
  readonly node?: string;
  readonly phase?: string;
  readonly readyForMinutes?: number;
  readonly cost?: string;
  readonly restarts?: number;
  readonly sidecarRestarts?: number;
  readonly ageMinutes?: number;
  readonly uid?: string;
}

const pod = (name: string, traits: Traits = {}): Pod => ({
  metadata: {
    name,
    uid: traits.uid ?? name,
    creationTimestamp: minutesAgo(traits.ageMinutes ?? 600),
    ...(traits.cost === undefined
      ? {}
      : { annotations: { 'controller.kubernetes.io/pod-deletion-cost': traits.cost } }),
  },
  spec: { containers: [], nodeName: traits.node ?? 'a', initContainers: [{ name: 'side', restartPolicy: 'Always' }] },
  status: {
    phase: traits.phase ?? 'Running',
    ...(traits.readyForMinutes === undefined
      ? {}
      : { conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: minutesAgo(traits.readyForMinutes) }] }),
    containerStatuses: [{ name: 'web', restartCount: traits.restarts ?? 0, image: '', imageID: '', ready: true }],
    initContainerStatuses: [
      { name: 'side', restartCount: traits.sidecarRestarts ?? 0, image: '', imageID: '', ready: true },
    ],
  },
});
const ready = { readyForMinutes: 300 };
const first = (pods: Pod[], related = pods): string => podsToDelete(pods, related, 1, nowMs)[0]?.metadata.name ?? '';

describe('which pods are deleted first', () => {
  // Each row: the first goes before the second.
  it.each([
    ['one without a node', { node: '' }, ready],
    ['a pending one', { phase: 'Pending' }, { phase: 'Running' }],
    ['one of unknown phase', { phase: 'Unknown' }, { phase: 'Running' }],
    ['a pending one before one of unknown phase', { phase: 'Pending' }, { phase: 'Unknown' }],
    ['one that is not ready', {}, ready],
    ['the cheaper one', { ...ready, cost: '-5' }, ready],
    ['a free one', ready, { ...ready, cost: '10' }],
    ['one whose cost is no number counts as free', { ...ready, cost: 'x' }, { ...ready, cost: '1' }],
    ['one that has been ready for a much shorter time', { readyForMinutes: 1 }, { readyForMinutes: 100 }],
    [
      'of about the same age the one with the smaller uid',
      { readyForMinutes: 110, uid: '1' },
      { readyForMinutes: 100, uid: '2' },
    ],
    ['the one with more restarts', { ...ready, restarts: 3 }, { ...ready, restarts: 1 }],
    ['the one whose sidecar has more restarts', { ...ready, sidecarRestarts: 3 }, { ...ready, sidecarRestarts: 1 }],
    ['the much younger one', { ...ready, ageMinutes: 301 }, { ...ready, ageMinutes: 6000 }],
  ] as [string, Traits, Traits][])('%s', (_, goes, stays) => {
    expect(first([pod('stays', stays), pod('goes', goes)])).toBe('goes');
    expect(first([pod('goes', goes), pod('stays', stays)])).toBe('goes');
  });

  it('the one that shares its node with more of its family', () => {
    const pods = [pod('alone', { ...ready, node: 'a' }), pod('crowded', { ...ready, node: 'b' })];
    expect(first(pods, [...pods, pod('sibling', { node: 'b' })])).toBe('crowded');
    expect(first(pods, [...pods, pod('ended', { node: 'b', phase: 'Failed' }), pod('sibling', { node: 'a' })])).toBe(
      'alone',
    );
  });

  it('all, when all must go', () => {
    const pods = [pod('x'), pod('y')];
    expect(podsToDelete(pods, [], 2, nowMs)).toEqual(pods);
  });
});
