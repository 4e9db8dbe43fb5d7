import { describe, expect, it } from 'vitest';
import { nodeResourcesFit } from '../plugins/node-resources-fit';
import { prioritySort } from '../plugins/priority-sort';
import { Nominator } from '../queue/nominator';
import { listerOf, nodeInfo, podInfo } from '../testing/make';
import { CycleState } from './cycle-state';
import type { Plugin } from './plugin';
import { profileOf } from './profile';
import { runFilters, runFiltersWithNominated, runPreFilters } from './run-filters';
import { skip, unschedulable } from './status';

const profile = (...plugins: Plugin[]) =>
  profileOf(
    's',
    prioritySort,
    plugins.map((plugin) => ({ plugin })),
  );
const naming = (name: string, ...nodes: string[]): Plugin => ({
  name,
  preFilter: () => ({ nodeNames: new Set(nodes) }),
});
const lister = listerOf([]);

describe('runPreFilters', () => {
  it('leaves the nodes that all plugins name', () => {
    const result = runPreFilters(
      profile(naming('B', 'x', 'y'), naming('A', 'y', 'z')),
      new CycleState(),
      podInfo(),
      lister,
    );
    expect([...(result.nodeNames ?? [])]).toEqual(['y']);
    expect(result.narrowedBy).toEqual(['B', 'A']);
  });

  it('says which plugins leave none', () => {
    const both = runPreFilters(profile(naming('B', 'x'), naming('A', 'y')), new CycleState(), podInfo(), lister);
    expect(both.status).toMatchObject({
      code: 'UnschedulableAndUnresolvable',
      reasons: ["node(s) didn't satisfy plugin(s) [A B] simultaneously"],
    });
    const one = runPreFilters(profile(naming('A')), new CycleState(), podInfo(), lister);
    expect(one.status?.reasons).toEqual(["node(s) didn't satisfy plugin A"]);
  });

  it('leaves out the filter of a plugin that skips', () => {
    const skipping: Plugin = {
      name: 'S',
      preFilter: () => ({ status: skip }),
      filter: () => unschedulable('S', 'never'),
    };
    const state = new CycleState();
    runPreFilters(profile(skipping), state, podInfo(), lister);
    expect(runFilters(profile(skipping), state, podInfo(), nodeInfo())).toBeUndefined();
  });
});

describe('runFiltersWithNominated', () => {
  it('counts pods of equal or higher priority that wait for the node, and only those', () => {
    const nominator = new Nominator();
    const node = nodeInfo({ name: 'n' });
    const run = (priority: number) =>
      runFiltersWithNominated(profile(nodeResourcesFit()), {
        state: new CycleState(),
        pod: podInfo({ name: 'new', requests: { cpu: '2' }, spec: { priority } }),
        node,
        nominator,
      });
    nominator.set(podInfo({ name: 'waiting', requests: { cpu: '3' }, spec: { priority: 5 } }), 'n');
    expect(run(5)?.reasons).toEqual(['Insufficient cpu']);
    expect(run(6)).toBeUndefined();
    expect(node.pods.size).toBe(0);
    nominator.delete('uid-waiting');
    expect(run(0)).toBeUndefined();
    expect(nominator.isEmpty).toBe(true);
  });
});
