import { statusErrors } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import { refs } from '@reckon/client/rest';
import { type FakeClock, fakeClock } from '@reckon/kernel';
import { type ClientHarness, eventually } from '@reckon/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startControllersForTest } from '../testing/controller-test.suite';
import { taintEvictionController } from './taint-eviction-controller';
import { tolerationMs } from './toleration-time';

const unreachable = { key: 'node.kubernetes.io/unreachable', effect: 'NoExecute' };
const other = { key: 'example.com/other', effect: 'NoExecute' };
const tolerates = (key: string, tolerationSeconds?: number): corev1.Toleration => ({
  key,
  operator: 'Exists',
  effect: 'NoExecute',
  ...(tolerationSeconds === undefined ? {} : { tolerationSeconds }),
});

describe('the time that a pod tolerates', () => {
  it.each<readonly [string, corev1.Taint[], corev1.Toleration[], number]>([
    ['one taint, not tolerated', [unreachable], [], 0],
    ['one of two, not tolerated', [unreachable, other], [tolerates(unreachable.key)], 0],
    ['for ever', [unreachable], [tolerates(unreachable.key)], Infinity],
    ['for a time', [unreachable], [tolerates(unreachable.key, 30)], 30_000],
    ['the shorter of two', [unreachable, other], [tolerates(unreachable.key, 30), tolerates(other.key, 20)], 20_000],
    ['the first that fits', [unreachable], [tolerates(unreachable.key, 30), tolerates(unreachable.key, 20)], 30_000],
    ['a time in the past', [unreachable], [tolerates(unreachable.key, -5)], 0],
    ['another taint for a time', [unreachable], [tolerates(unreachable.key), tolerates(other.key, 5)], Infinity],
    ['everything', [unreachable, other], [{ operator: 'Exists' }], Infinity],
  ])('%s', (_, taints, tolerations, ms) => {
    expect(tolerationMs(taints, tolerations)).toBe(ms);
  });
});

describe('the taint eviction controller', () => {
  let time: FakeClock;
  let harness: ClientHarness;
  const soon = <T>(check: () => T | Promise<T>): Promise<T> => eventually(check, { withinMs: 10_000 });
  beforeEach(async () => {
    time = fakeClock();
    harness = await startControllersForTest([taintEvictionController], {
      time,
      prepare: (h) => {
        h.api.store.put(refs.nodes, { metadata: { name: 'n' } });
        putPod(h, 'stays', { tolerations: [tolerates(unreachable.key)] });
        putPod(h, 'goes');
        putPod(h, 'waits', { tolerations: [tolerates(unreachable.key, 30)] });
        putPod(h, 'elsewhere', { nodeName: 'm' });
      },
    });
    await harness.informers.waitForSync();
  });
  afterEach(() => harness.stop());

  const putPod = ({ api }: ClientHarness, name: string, spec: object = {}, metadata: object = {}): void => {
    api.store.put(refs.pods, {
      metadata: { namespace: 'default', name, uid: `uid-${name}`, ...metadata },
      spec: { nodeName: 'n', terminationGracePeriodSeconds: 0, ...spec },
      status: { phase: 'Running' },
    });
  };
  const taint = (...taints: object[]): void => {
    harness.api.store.put(refs.nodes, { metadata: { name: 'n' }, spec: { taints } });
  };
  const names = (): unknown[] => harness.api.store.list(refs.pods).map((p) => p.metadata.name);
  const events = (): string[] =>
    harness.api.store.list(refs.events).map((e) => `${String(e['reason'])}: ${String(e['message'])}`);
  const deleted = (name: string): string => `TaintManagerEviction: Marking for deletion Pod default/${name}`;
  const cancelled = (name: string): string => `TaintManagerEviction: Cancelling deletion of Pod default/${name}`;
  const seconds = async (n: number): Promise<void> => {
    await new Promise((resolve) => setTimeout(resolve, 30));
    await time.advance(n * 1_000);
    await new Promise((resolve) => setTimeout(resolve, 30));
  };

  it('deletes who does not tolerate the taint at once, others when their time is over', async () => {
    const seen: unknown[] = [];
    harness.api.store.subscribe(({ type, object }) => {
      if (object.metadata.name === 'goes') seen.push([type, object['status']]);
    });
    taint(unreachable);
    await soon(() => {
      expect(names()).toEqual(['elsewhere', 'stays', 'waits']);
    });
    expect(seen[0]).toMatchObject([
      'MODIFIED',
      {
        conditions: [
          {
            type: 'DisruptionTarget',
            status: 'True',
            reason: 'DeletionByTaintManager',
            message: 'Taint manager: deleting due to NoExecute taint',
          },
        ],
      },
    ]);
    await seconds(29);
    expect(names()).toContain('waits');
    await seconds(2);
    await soon(() => {
      expect(names()).toEqual(['elsewhere', 'stays']);
      expect(events()).toEqual([deleted('goes'), deleted('waits')]);
    });
    await seconds(600);
    expect(names()).toEqual(['elsewhere', 'stays']);
  });

  it('cancels when the taint goes in time, and counts anew when it comes back', async () => {
    taint(unreachable);
    await soon(() => {
      expect(names()).not.toContain('goes');
    });
    await seconds(20);
    taint();
    await soon(() => {
      expect(events()).toContain(cancelled('waits'));
    });
    await seconds(60);
    taint(unreachable, { key: 'x', effect: 'NoSchedule' });
    await seconds(20);
    expect(names()).toContain('waits');
    await seconds(15);
    await soon(() => {
      expect(names()).not.toContain('waits');
    });
  });

  it('does not wait when another taint comes that is not tolerated', async () => {
    taint(unreachable);
    await seconds(5);
    taint(unreachable, other);
    await soon(() => {
      expect(names()).toEqual(['elsewhere']);
      expect(events()).toContain(cancelled('waits'));
      expect(events()).toContain(deleted('stays'));
    });
  });

  it('looks at pods that come to a tainted node, or change what they tolerate', async () => {
    taint(unreachable);
    await soon(() => {
      expect(names()).not.toContain('goes');
    });
    putPod(harness, 'late');
    putPod(harness, 'stays', { tolerations: [] });
    await soon(() => {
      expect(names()).toEqual(['elsewhere', 'waits']);
    });
    harness.api.store.delete(refs.pods, 'default', 'waits');
    await soon(() => {
      expect(events()).toContain(cancelled('waits'));
    });
  });

  it('goes on when the node itself is gone', async () => {
    taint(unreachable);
    await seconds(5);
    harness.api.store.delete(refs.nodes, '', 'n');
    await seconds(30);
    await soon(() => {
      expect(names()).toEqual(['elsewhere', 'stays']);
    });
  });

  it('does not hurry pods that are being deleted, nor touch a namesake that came after', async () => {
    putPod(harness, 'goes', {}, { deletionTimestamp: '2026-01-01T00:10:00Z' });
    await seconds(1);
    taint(unreachable);
    await seconds(5);
    expect(names()).toContain('goes');
    putPod(harness, 'waits', { tolerations: [tolerates(unreachable.key, 300)] }, { uid: 'uid-second' });
    await seconds(60);
    expect(names()).toContain('waits');
    expect(events()).toContain(cancelled('waits'));
  });

  it('tries again when the server refuses, and tells of it once', async () => {
    let refusals = 0;
    harness.api.refuse((request) =>
      request.method === 'DELETE' && refusals++ < 3 ? statusErrors.internal('away') : undefined,
    );
    taint(unreachable);
    await soon(async () => {
      await time.advance(1_000);
      expect(names()).not.toContain('goes');
    });
    await soon(() => {
      expect(events().filter((e) => e === deleted('goes'))).toHaveLength(1);
    });
  });
});
