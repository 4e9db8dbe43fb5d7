import type { corev1 } from '@reckon/api/types';

/** Names of limits that every container must give a number for, once a quota has them. Younger names ask for none. */
const demanded: ReadonlyMap<string, readonly ['requests' | 'limits', string]> = new Map([
  ['cpu', ['requests', 'cpu']],
  ['memory', ['requests', 'memory']],
  ['requests.cpu', ['requests', 'cpu']],
  ['requests.memory', ['requests', 'memory']],
  ['limits.cpu', ['limits', 'cpu']],
  ['limits.memory', ['limits', 'memory']],
]);

/** Which containers leave out what a quota counts, as upstream says it (`podEvaluator.Constraints`); what stands for the pod as a whole is enough. */
export function missingCompute({ spec }: corev1.Pod, names: readonly string[]): string | undefined {
  if (hasPodLevel(spec?.resources)) return undefined;
  const containers = [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])];
  const parts: string[] = [];
  for (const name of [...names].sort()) {
    const demand = demanded.get(name);
    if (demand === undefined) continue;
    const [kind, resource] = demand;
    const silent = containers.filter((c) => !Object.hasOwn(c.resources?.[kind] ?? {}, resource)).map((c) => c.name);
    if (silent.length > 0) parts.push(`${name} for: ${[...new Set(silent)].sort().join(',')}`);
  }
  return parts.length === 0 ? undefined : `must specify ${parts.join('; ')}`;
}

const hasPodLevel = (resources: corev1.ResourceRequirements | undefined): boolean =>
  [resources?.requests, resources?.limits].some((list) => Object.keys(list ?? {}).length > 0);
