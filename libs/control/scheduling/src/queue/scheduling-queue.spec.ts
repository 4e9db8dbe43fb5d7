import { type FakeClock, fakeClock } from '@reckon/kernel';
import { beforeEach, describe, expect, it } from 'vitest';
import { extenderName } from '../extender/extenders';
import type { Plugin } from '../framework/plugin';
import { profileOf } from '../framework/profile';
import { nodeName } from '../plugins/node-name';
import { prioritySort } from '../plugins/priority-sort';
import { schedulingGates } from '../plugins/scheduling-gates';
import { node, pod, podInfo } from '../testing/make';
import { SchedulingQueue } from './scheduling-queue';

const picky: Plugin = { name: 'Picky', hints: [{ resource: 'Node', actions: ['Add'] }] };
const choosy: Plugin = {
  name: 'Choosy',
  hints: [
    {
      resource: 'AssignedPod',
      actions: ['Delete'],
      helps: (_, e) => e.resource === 'AssignedPod' && e.before?.metadata.name === 'right',
    },
  ],
};

const plugins = [schedulingGates(), nodeName(), picky, choosy];

describe('SchedulingQueue', () => {
  let clock: FakeClock;
  let queue: SchedulingQueue;
  let wakes = 0;
  const incoming: string[] = [];

  beforeEach(() => {
    clock = fakeClock();
    wakes = 0;
    incoming.length = 0;
    queue = new SchedulingQueue({
      clock,
      timers: clock,
      profiles: new Map([
        [
          'default-scheduler',
          { ...profileOf('default-scheduler', prioritySort, [{ plugin: schedulingGates() }]), plugins },
        ],
      ]),
      isBefore: prioritySort,
      wake: () => {
        wakes++;
      },
      incoming: (where, event) => {
        incoming.push(`${where} ${event}`);
      },
    });
  });

  const drain = (): string[] => {
    const names: string[] = [];
    for (let p = queue.pop(); p !== undefined; p = queue.pop()) names.push(p.info.pod.metadata.name ?? '');
    return names;
  };
  /** One attempt that these plugins reject; without any, one that ends in an error. */
  const attempt = (...plugins: string[]): void => {
    const popped = queue.pop()!;
    popped.unschedulablePlugins = new Set(plugins);
    queue.addUnschedulable(popped);
  };

  it('gives pods by priority, then as they came', async () => {
    queue.add(podInfo({ name: 'first' }));
    await clock.advance(1);
    queue.add(podInfo({ name: 'second' }));
    queue.add(podInfo({ name: 'third' }));
    queue.add(podInfo({ name: 'urgent', spec: { priority: 10 } }));
    expect(drain()).toEqual(['urgent', 'first', 'second', 'third']);
    expect(wakes).toBe(4);
    expect(incoming[0]).toBe('active UnscheduledPodAdd');
  });

  it('moves a pod whose priority changes', () => {
    queue.add(podInfo({ name: 'a' }));
    queue.add(podInfo({ name: 'b' }));
    queue.update(pod({ name: 'b', spec: { priority: 1 } }), []);
    expect(drain()).toEqual(['b', 'a']);
  });

  it('keeps a rejected pod until an event helps the plugin that rejected it', () => {
    queue.add(podInfo());
    attempt('Picky');
    expect(queue.sizes).toEqual({ active: 0, backoff: 0, unschedulable: 1, gated: 0 });
    queue.moveOn({ resource: 'Node', action: 'UpdateNodeLabel', after: node() });
    queue.moveOn({ resource: 'AssignedPod', action: 'Delete', before: pod({ name: 'right' }) });
    expect(drain()).toEqual([]);
    queue.moveOn({ resource: 'Node', action: 'Add', after: node() });
    expect(drain()).toEqual(['p']);
  });

  it('asks the plugin about the object of the event', () => {
    queue.add(podInfo());
    attempt('Choosy');
    queue.moveOn({ resource: 'AssignedPod', action: 'Delete', before: pod({ name: 'wrong' }) });
    expect(queue.sizes.unschedulable).toBe(1);
    queue.moveOn({ resource: 'AssignedPod', action: 'Delete', before: pod({ name: 'right' }) });
    expect(queue.sizes.unschedulable).toBe(0);
  });

  it('lets other pods go before one that still backs off, which goes when nothing else is there', async () => {
    queue.add(podInfo({ name: 'refused', spec: { priority: 5 } }));
    attempt('Picky');
    queue.moveOn({ resource: 'Node', action: 'Add', after: node() });
    expect(queue.sizes.backoff).toBe(1);
    queue.add(podInfo({ name: 'new' }));
    expect(drain()).toEqual(['new', 'refused']);
  });

  it('puts a pod whose backoff is over straight among the active', async () => {
    queue.add(podInfo());
    attempt('Picky');
    await clock.advance(1_000);
    queue.moveOn({ resource: 'Node', action: 'Add', after: node() });
    expect(queue.sizes).toMatchObject({ active: 1, backoff: 0 });
  });

  it('makes a pod that met errors wait 1, 2, 4, 8, then 10 seconds', async () => {
    queue.add(podInfo());
    for (const seconds of [1, 2, 4, 8, 10, 10]) {
      attempt();
      await clock.advance(seconds * 1_000 - 1);
      expect(queue.pop(), `before ${String(seconds)} s`).toBeUndefined();
      await clock.advance(1);
      expect(queue.sizes.active, `after ${String(seconds)} s`).toBe(1);
    }
  });

  it('tries every pod again after five minutes', async () => {
    queue.add(podInfo());
    attempt('Picky');
    await clock.advance(5 * 60_000 - 1);
    expect(queue.sizes.unschedulable).toBe(1);
    await clock.advance(30_000);
    expect(drain()).toEqual(['p']);
    expect(incoming.at(-1)).toBe('active UnschedulableTimeout');
  });

  it('keeps gated pods aside until the gates are gone', async () => {
    queue.add(podInfo({ spec: { schedulingGates: [{ name: 'g' }] } }));
    expect(queue.sizes).toEqual({ active: 0, backoff: 0, unschedulable: 0, gated: 1 });
    await clock.advance(10 * 60_000);
    queue.moveOn({ resource: 'Node', action: 'Add', after: node() });
    expect(drain()).toEqual([]);
    queue.update(pod(), [{ resource: 'TargetPod', action: 'UpdatePodSchedulingGatesEliminated' }]);
    expect(drain()).toEqual(['p']);
  });

  it('leaves a waiting pod waiting when an update does not matter, but remembers the newer version', () => {
    queue.add(podInfo());
    attempt('Picky');
    queue.update(pod({ labels: { a: 'b' } }), [{ resource: 'TargetPod', action: 'UpdatePodLabel' }]);
    expect(queue.sizes.unschedulable).toBe(1);
    expect(queue.find('uid-p')?.info.pod.metadata.labels).toEqual({ a: 'b' });
  });

  it('skips the backoff of a pod that only waited for something outside', () => {
    queue.add(podInfo());
    const popped = queue.pop()!;
    popped.pendingPlugins = new Set(['Picky']);
    queue.addUnschedulable(popped);
    queue.moveOn({ resource: 'Node', action: 'Add', after: node() });
    expect(queue.sizes).toMatchObject({ active: 1, backoff: 0 });
  });

  it('keeps what happens during a long attempt for its pod', () => {
    const newNode = { resource: 'Node', action: 'Add', after: node() } as const;
    queue.add(podInfo());
    const popped = queue.pop()!;
    queue.startLongAttempt(popped);
    // It comes again by a relist, and changes: it is out, and stays so.
    queue.add(podInfo());
    queue.update(pod({ labels: { a: 'b' } }), [{ resource: 'TargetPod', action: 'UpdatePodLabel' }]);
    expect(drain()).toEqual([]);
    queue.moveOn(newNode);
    // Its own doing.
    queue.moveOn({ resource: 'AssignedPod', action: 'Delete', before: pod({ name: 'right' }) }, 'uid-p');
    popped.unschedulablePlugins = new Set(['Picky']);
    queue.addUnschedulable(popped);
    expect(queue.sizes.unschedulable).toBe(1);
    queue.endLongAttempt();
    expect(drain()).toEqual(['p']);
  });

  it('ends a long attempt of a pod that is gone, bound, or waits for something else', () => {
    for (const plugins of [undefined, ['Choosy']]) {
      queue.add(podInfo());
      const popped = queue.pop()!;
      queue.startLongAttempt(popped);
      queue.moveOn({ resource: 'Node', action: 'Add', after: node() });
      popped.unschedulablePlugins = new Set(plugins ?? []);
      if (plugins !== undefined) queue.addUnschedulable(popped);
      queue.endLongAttempt();
      expect(drain()).toEqual([]);
      queue.remove('uid-p');
    }
    // Tried again at once where somebody asked for that meanwhile, as preemption does when it is done.
    queue.add(podInfo());
    const popped = queue.pop()!;
    queue.startLongAttempt(popped);
    queue.activateNow('uid-p');
    popped.unschedulablePlugins = new Set(['Choosy']);
    queue.addUnschedulable(popped);
    queue.endLongAttempt();
    expect(drain()).toEqual(['p']);
  });

  it('moves a pod that an extender refused at any event', () => {
    queue.add(podInfo());
    attempt(extenderName);
    queue.moveOn({ resource: 'CSIDriver', action: 'Update' });
    expect(queue.sizes.unschedulable).toBe(0);
  });

  it('forgets a removed pod wherever it is', () => {
    for (const where of ['active', 'unschedulable', 'backoff'] as const) {
      queue.add(podInfo());
      if (where !== 'active') attempt('Picky');
      if (where === 'backoff') queue.moveOn({ resource: 'Node', action: 'Add', after: node() });
      expect(queue.sizes[where]).toBe(1);
      queue.remove('uid-p');
      expect(Object.values(queue.sizes)).toEqual([0, 0, 0, 0]);
    }
  });
});
