import type { NodeInfo } from '../cache/node-info';
import { podRequests } from '../cache/pod-requests';
import { type Amounts, amountsOf } from '../cache/resource-amount';
import type { Node, Pod } from '../framework/kinds';
import { type Plugin, maxNodeScore } from '../framework/plugin';
import { type Status, unresolvable, unschedulable } from '../framework/status';

const name = 'NodeResourcesFit';

/** Refuses nodes that lack what the pod requests, and prefers those with the most left over (plugins/noderesources.Fit, LeastAllocated). */
export const nodeResourcesFit = (): Plugin => ({
  name,
  hints: [
    {
      resource: 'AssignedPod',
      actions: ['Delete', 'UpdatePodScaleDown'],
      helps: (info, event) =>
        event.resource === 'Node' || event.action === 'Delete' || isSmaller(info.requests, event.before, event.after),
    },
    { resource: 'TargetPod', actions: ['UpdatePodScaleDown'] },
    {
      resource: 'Node',
      actions: ['Add', 'UpdateNodeAllocatable'],
      helps: (info, event) => event.resource !== 'Node' || makesRoom(info.requests, event.before, event.after),
    },
  ],
  filter: (_, { requests }, node) => insufficient(requests, node),
  score: (_, pod, node) => {
    const { milliCpu, memory } = node.allocatable;
    let sum = 0;
    let resources = 0;
    if (milliCpu > 0) {
      sum += leftOver(node.assumedMilliCpu + pod.assumedMilliCpu, milliCpu);
      resources++;
    }
    if (memory > 0) {
      sum += leftOver(node.assumedMemory + pod.assumedMemory, memory);
      resources++;
    }
    return resources === 0 ? 0 : Math.floor(sum / resources);
  },
});

const leftOver = (requested: number, capacity: number): number =>
  requested > capacity ? 0 : Math.floor(((capacity - requested) * maxNodeScore) / capacity);

/** Every resource that is short, in upstream's order. */
function insufficient(requests: Amounts, node: NodeInfo): Status | undefined {
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
