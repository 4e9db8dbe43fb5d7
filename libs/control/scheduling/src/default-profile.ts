import type { RestClient } from '@reckon/client/rest';
import { type PluginRow, type Profile, profileOf } from './framework/profile';
import { balancedAllocation } from './plugins/balanced-allocation';
import { defaultBinder } from './plugins/default-binder';
import { nodeAffinity } from './plugins/node-affinity';
import { nodeName } from './plugins/node-name';
import { nodePorts } from './plugins/node-ports';
import { nodeResourcesFit } from './plugins/node-resources-fit';
import { nodeUnschedulable } from './plugins/node-unschedulable';
import { prioritySort } from './plugins/priority-sort';
import { schedulingGates } from './plugins/scheduling-gates';
import { taintToleration } from './plugins/taint-toleration';

/**
 * The plugins of `default-scheduler` with upstream's order and weights (apis/config/v1.getDefaultPlugins). The order shows: the
 * first filter that refuses a node gives its reason.
 */
export function defaultProfile(schedulerName: string, rest: RestClient): Profile {
  const rows: readonly PluginRow[] = [
    { plugin: schedulingGates() },
    { plugin: nodeUnschedulable() },
    { plugin: nodeName() },
    { plugin: taintToleration(), weight: 3 },
    { plugin: nodeAffinity(), weight: 2 },
    { plugin: nodePorts() },
    { plugin: nodeResourcesFit() },
    { plugin: balancedAllocation() },
    { plugin: defaultBinder(rest) },
  ];
  return profileOf(schedulerName, prioritySort, rows);
}
