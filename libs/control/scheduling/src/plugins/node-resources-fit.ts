import type { NodeInfo } from '../cache/node-info';
import { podRequests } from '../cache/pod-requests';
import { type Amounts, amountsOf } from '../cache/resource-amount';
import { isPodEvent } from '../framework/cluster-event';
import type { Node, Pod } from '../framework/kinds';
import { type FitArgs, defaultArgs } from '../config/scheduler-configuration';
import type { Plugin } from '../framework/plugin';
import { type Status, unresolvable, unschedulable } from '../framework/status';
import { resourceScore } from './resource-score';

const name = 'NodeResourcesFit';

/** Refuses nodes that lack what the pod requests, and scores what would be left (plugins/noderesources.Fit). */
export function nodeResourcesFit(args: FitArgs = defaultArgs.NodeResourcesFit): Plugin {
  const isIgnored = ignoring(args);
  return {
    name,
    hints: [
      {
        resource: 'AssignedPod',
        actions: ['Delete', 'UpdatePodScaleDown'],
        helps: (info, event) =>
          !isPodEvent(event) || event.action === 'Delete' || isSmaller(info.requests, event.before, event.after),
      },
      { resource: 'TargetPod', actions: ['UpdatePodScaleDown'] },
      {
        resource: 'Node',
        actions: ['Add', 'UpdateNodeAllocatable'],
        helps: (info, event) => event.resource !== 'Node' || makesRoom(info.requests, event.before, event.after),
      },
    ],
    filter: (_, { requests }, node) => insufficient(requests, node, isIgnored),
    score: resourceScore(args.scoring),
  };
}

/** Whether an extended resource is not looked at; undefined: all are. */
function ignoring({ ignoredResources, ignoredResourceGroups }: FitArgs): ((resource: string) => boolean) | undefined {
  if (ignoredResources.length + ignoredResourceGroups.length === 0) return undefined;
  const [names, groups] = [new Set(ignoredResources), new Set(ignoredResourceGroups)];
  return (resource) => names.has(resource) || (groups.size > 0 && groups.has(resource.split('/')[0] ?? ''));
}

/** Every resource that is short, in upstream's order. */
function insufficient(
  requests: Amounts,
  node: NodeInfo,
  isIgnored: ((resource: string) => boolean) | undefined,
): Status | undefined {
  const { allocatable, requested } = node;
  let reasons: string[] | undefined;
  let isHopeless = false;
  const check = (resource: string, wanted: number, capacity: number, used: number): void => {
    if (wanted <= 0 || wanted <= capacity - used) return;
    (reasons ??= []).push(`Insufficient ${resource}`);
    // An empty node would not do either.
    isHopeless ||= wanted > capacity;
  };
  if (node.pods.size + 1 > allocatable.pods) reasons = ['Too many pods'];
  check('cpu', requests.milliCpu, allocatable.milliCpu, requested.milliCpu);
  check('memory', requests.memory, allocatable.memory, requested.memory);
  check('ephemeral-storage', requests.ephemeralStorage, allocatable.ephemeralStorage, requested.ephemeralStorage);
  if (requests.scalars !== undefined)
    for (const [resource, wanted] of requests.scalars)
      if (isIgnored?.(resource) !== true)
        check(resource, wanted, allocatable.scalars?.get(resource) ?? 0, requested.scalars?.get(resource) ?? 0);
  if (reasons === undefined) return undefined;
  return isHopeless ? unresolvable(name, ...reasons) : unschedulable(name, ...reasons);
}

/** A changed node helps if the pod fits it when empty, and it has more than before of something that the pod wants. */
function makesRoom(requests: Amounts, before: Node | undefined, after: Node | undefined): boolean {
  const now = amountsOf(after?.status?.allocatable);
  if (now.pods < 1 || !fitsWhole(requests, now)) return false;
  if (before === undefined) return true;
  const then = amountsOf(before.status?.allocatable);
  return now.pods > then.pods || hasMore(requests, then, now);
}

const fitsWhole = (requests: Amounts, capacity: Amounts): boolean =>
  requests.milliCpu <= capacity.milliCpu &&
  requests.memory <= capacity.memory &&
  requests.ephemeralStorage <= capacity.ephemeralStorage &&
  [...(requests.scalars ?? [])].every(([resource, wanted]) => wanted <= (capacity.scalars?.get(resource) ?? 0));

/** Of a resource that `requests` names, `now` has more than `then`. */
const hasMore = (requests: Amounts, then: Amounts, now: Amounts): boolean =>
  (requests.milliCpu > 0 && now.milliCpu > then.milliCpu) ||
  (requests.memory > 0 && now.memory > then.memory) ||
  (requests.ephemeralStorage > 0 && now.ephemeralStorage > then.ephemeralStorage) ||
  [...(requests.scalars ?? [])].some(
    ([resource, wanted]) => wanted > 0 && (now.scalars?.get(resource) ?? 0) > (then.scalars?.get(resource) ?? 0),
  );

function isSmaller(requests: Amounts, before: Pod | undefined, after: Pod | undefined): boolean {
  if (before === undefined || after === undefined) return true;
  const options = { assumeMissing: false };
  return hasMore(requests, podRequests(after, options), podRequests(before, options));
}
