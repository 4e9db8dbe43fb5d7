import { describe, expect, it } from 'vitest';
import { pod } from '../testing/make';
import { podStatusPatch } from './pod-status-patch';

const now = '2026-01-02T00:00:00Z';
const condition = { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: 'm' } as const;
const written = { ...condition, lastProbeTime: null, lastTransitionTime: now, observedGeneration: 1 };

describe('podStatusPatch', () => {
  it('writes a new condition, guarded by the uid', () => {
    expect(podStatusPatch(pod(), { condition }, now)).toEqual({
      metadata: { uid: 'uid-p' },
      status: { conditions: [written] },
    });
  });

  it('writes nothing that is there already', () => {
    const there = pod({
      status: {
        conditions: [{ ...condition, lastTransitionTime: '2026-01-01T00:00:00Z', observedGeneration: 1 }],
        nominatedNodeName: 'n',
      },
    });
    expect(podStatusPatch(there, { condition, nominatedNodeName: 'n' }, now)).toBeUndefined();
  });

  it('keeps the time of the transition when only the message is new', () => {
    const there = pod({
      status: {
        conditions: [
          { ...condition, message: 'before', lastTransitionTime: '2026-01-01T00:00:00Z', observedGeneration: 1 },
        ],
      },
    });
    expect(podStatusPatch(there, { condition }, now)?.['status']).toEqual({
      conditions: [{ ...written, lastTransitionTime: '2026-01-01T00:00:00Z' }],
    });
  });

  it('sets and clears the nomination', () => {
    expect(podStatusPatch(pod(), { nominatedNodeName: 'n' }, now)?.['status']).toEqual({ nominatedNodeName: 'n' });
    expect(
      podStatusPatch(pod({ status: { nominatedNodeName: 'n' } }), { nominatedNodeName: '' }, now)?.['status'],
    ).toEqual({ nominatedNodeName: null });
    expect(podStatusPatch(pod(), { nominatedNodeName: '' }, now)).toBeUndefined();
  });
});
