import { afterEach, describe, expect, it } from 'vitest';
import { node, pod } from './testing/make';
import { type SchedulerRig, schedulerRig } from './testing/scheduler-rig';

describe('the scheduler', () => {
  let rig: SchedulerRig;
  afterEach(() => rig.stop());

  it('binds a pod and tells of it', async () => {
    rig = schedulerRig();
    rig.cluster.put('nodes', node({ name: 'node-1' }));
    rig.cluster.put('pods', pod({ name: 'web-1' }));
    await rig.settle();
    expect(rig.cluster.bound).toEqual(['default/web-1 → node-1']);
    expect(rig.events).toEqual(['Normal Scheduled default/web-1: Successfully assigned default/web-1 to node-1']);
    expect(rig.metrics.render()).toContain('scheduler_schedule_attempts_total{result="scheduled",profile="default-scheduler"} 1\n');
  });

  it('leaves pods of other schedulers, and pods that have a node, alone', async () => {
    rig = schedulerRig();
    rig.cluster.put('nodes', node({ name: 'node-1' }));
    rig.cluster.put('pods', pod({ name: 'other', spec: { schedulerName: 'mine' } }));
    rig.cluster.put('pods', pod({ name: 'placed', spec: { nodeName: 'node-9' } }));
    await rig.settle();
    expect(rig.cluster.bound).toEqual([]);
    expect(rig.events).toEqual([]);
  });

  it('says why no node fits, in an Event and in a condition that is written once', async () => {
    rig = schedulerRig();
    rig.cluster.put('nodes', node({ name: 'small', allocatable: { cpu: '1' } }));
    rig.cluster.put('nodes', node({ name: 'tainted', spec: { taints: [{ key: 'k', effect: 'NoSchedule' }] } }));
    rig.cluster.put('pods', pod({ name: 'big', requests: { cpu: '2' } }));
    await rig.settle();
    const reasons = '0/2 nodes are available: 1 Insufficient cpu, 1 node(s) had untolerated taint(s).';
    expect(rig.events).toHaveLength(1);
    expect(rig.events[0]).toContain(`Warning FailedScheduling default/big: ${reasons}`);
    expect(rig.cluster.pod('big')?.status?.conditions).toMatchObject([
      { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: expect.stringContaining(reasons), observedGeneration: 1 },
    ]);
    // Tried again, refused alike: another Event, no other write.
    await rig.clock.advance(6 * 60_000);
    expect(rig.events.length).toBeGreaterThan(1);
    expect(rig.cluster.statusPatches).toHaveLength(1);
  });
});
