import { refs } from '@reckon/client/rest';
import { type FakeClock, fakeClock } from '@reckon/kernel';
import { type ClientHarness, eventually } from '@reckon/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Pod } from '../replica-set/pod-state';
import { startControllersForTest } from '../testing/controller-test.suite';
import { terminatedBeyond } from './garbage-pods';
import { NodeQuarantine } from './node-quarantine';
import { podGarbageCollector } from './pod-garbage-collector';

let time: FakeClock;
let harness: ClientHarness;
beforeEach(() => {
  time = fakeClock();
});

const putPod = ({ api }: ClientHarness, name: string, nodeName: string | undefined, metadata: object = {}): void => {
  api.store.put(refs.pods, {
    metadata: { namespace: 'default', name, ...metadata },
    spec: nodeName === undefined ? {} : { nodeName },
    status: { phase: 'Running' },
  });
};
const names = (): (string | undefined)[] => harness.api.store.list(refs.pods).map((p) => p.metadata.name);
const deleted = { deletionTimestamp: '2026-01-01T00:00:00Z' };

describe('the pod garbage collector', () => {
  afterEach(() => harness.stop());
  const start = async (prepare: (harness: ClientHarness) => void): Promise<void> => {
    harness = await startControllersForTest([podGarbageCollector], { time, prepare });
  };
  const seconds = async (n: number): Promise<void> => {
    for (let i = 0; i < n; i += 20) {
      await new Promise((resolve) => setTimeout(resolve, 30));
      await time.advance(20_000);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  };

  it('deletes pods of nodes that stay away, marked as failed for that reason', async () => {
    await start((h) => {
      h.api.store.put(refs.nodes, { metadata: { name: 'here' } });
      putPod(h, 'stays', 'here');
      putPod(h, 'orphan', 'gone');
      putPod(h, 'waiting', undefined);
    });
    await seconds(40);
    expect(names()).toEqual(['orphan', 'stays', 'waiting']);
    const seen: unknown[] = [];
    harness.api.store.subscribe(({ type, object }) => seen.push([type, object['status']]));
    await seconds(40);
    await eventually(() => {
      expect(names()).toEqual(['stays', 'waiting']);
    });
    expect(seen[0]).toMatchObject([
      'MODIFIED',
      {
        phase: 'Failed',
        conditions: [
          {
            type: 'DisruptionTarget',
            status: 'True',
            reason: 'DeletionByPodGC',
            message: 'PodGC: node no longer exists',
          },
        ],
      },
    ]);
  });

  it('asks the server before it believes that a node is gone', async () => {
    await start((h) => {
      h.api.holdWatches(true, 'nodes');
      putPod(h, 'pod', 'new');
    });
    await seconds(20);
    harness.api.store.put(refs.nodes, { metadata: { name: 'new' } });
    await seconds(100);
    expect(names()).toEqual(['pod']);
  });

  it('deletes pods that were deleted before they got a node, and those on a node out of service', async () => {
    await start((h) => {
      const taints = [{ key: 'node.kubernetes.io/out-of-service', effect: 'NoExecute' }];
      h.api.store.put(refs.nodes, {
        metadata: { name: 'down' },
        spec: { taints },
        status: { conditions: [{ type: 'Ready', status: 'False' }] },
      });
      h.api.store.put(refs.nodes, {
        metadata: { name: 'up' },
        spec: { taints },
        status: { conditions: [{ type: 'Ready', status: 'True' }] },
      });
      putPod(h, 'unscheduled', undefined, deleted);
      putPod(h, 'on-down', 'down', deleted);
      putPod(h, 'on-up', 'up', deleted);
      putPod(h, 'living', 'down');
    });
    await seconds(20);
    await eventually(() => {
      expect(names()).toEqual(['living', 'on-up']);
    });
  });
});

describe('what the pod garbage collector counts', () => {
  const ended = (name: string, creationTimestamp: string, status: object = {}): Pod => ({
    metadata: { name, creationTimestamp },
    status: { phase: 'Failed', ...status },
  });

  it('is the ended pods beyond the threshold, evicted ones first, then the oldest', () => {
    const pods = [
      ended('young', '2026-01-03T00:00:00Z'),
      ended('old', '2026-01-01T00:00:00Z'),
      ended('evicted', '2026-01-04T00:00:00Z', { reason: 'Evicted' }),
      ended('running', '2025-01-01T00:00:00Z', { phase: 'Running' }),
    ];
    expect(terminatedBeyond(pods, 1).map((p) => p.metadata.name)).toEqual(['evicted', 'old']);
    expect(terminatedBeyond(pods, 3)).toEqual([]);
  });

  it('is a node that was missing without a break', () => {
    const quarantine = new NodeQuarantine();
    const missing = new Set(['a']);
    expect(quarantine.released(missing, 0)).toEqual([]);
    expect(quarantine.released(new Set(), 20_000)).toEqual([]);
    expect(quarantine.released(missing, 40_000)).toEqual([]);
    expect(quarantine.released(missing, 80_000)).toEqual(['a']);
  });
});
