/** Where a group stands among groups, and a version among its group's: the higher, the earlier. */
export interface GroupVersionPriority {
  readonly group: number;
  readonly version: number;
}

/**
 * cmd/kube-apiserver/app `apiVersionPriorities` and pkg/controlplane/apiserver `DefaultGenericAPIServicePriorities`,
 * for the versions that are served: `kubectl` shows resources in this order.
 */
const builtin: Readonly<Record<string, readonly [group: number, version: number]>> = {
  '/v1': [18_000, 1],
  'apps/v1': [17_800, 15],
  'events.k8s.io/v1': [17_750, 15],
  'authentication.k8s.io/v1': [17_700, 15],
  'authorization.k8s.io/v1': [17_600, 15],
  'autoscaling/v1': [17_500, 15],
  'autoscaling/v2': [17_500, 30],
  'batch/v1': [17_400, 15],
  'certificates.k8s.io/v1': [17_300, 15],
  'networking.k8s.io/v1': [17_200, 15],
  'policy/v1': [17_100, 15],
  'rbac.authorization.k8s.io/v1': [17_000, 15],
  'storage.k8s.io/v1': [16_800, 15],
  'admissionregistration.k8s.io/v1': [16_700, 15],
  'apiextensions.k8s.io/v1': [16_700, 15],
  'scheduling.k8s.io/v1': [16_600, 15],
  'coordination.k8s.io/v1': [16_500, 15],
  'node.k8s.io/v1': [16_300, 15],
  'discovery.k8s.io/v1': [16_200, 15],
  'resource.k8s.io/v1': [16_200, 20],
  'flowcontrol.apiserver.k8s.io/v1': [16_100, 21],
};

/** Undefined for what is not built in, and for the group that APIServices themselves are of, which needs none. */
export function builtinPriority(group: string, version: string): GroupVersionPriority | undefined {
  const id = `${group}/${version}`;
  const found = Object.hasOwn(builtin, id) ? builtin[id] : undefined;
  return found === undefined ? undefined : { group: found[0], version: found[1] };
}

/** What custom resources are registered with (pkg/controlplane/controller/crdregistration). */
export const customPriority: GroupVersionPriority = { group: 1000, version: 100 };

/** The aggregator tells of itself before anything else. */
const registrationGroup = 'apiregistration.k8s.io';

const priorityOf = (group: string, version: string): GroupVersionPriority =>
  group === registrationGroup ? { group: Infinity, version: 0 } : (builtinPriority(group, version) ?? customPriority);

/** Orders the versions of a group: by priority, then as `compareVersions`. */
export const compareGroupVersions =
  (group: string) =>
  (a: string, b: string): number =>
    priorityOf(group, b).version - priorityOf(group, a).version || compareVersions(a, b);

interface Ranked {
  readonly name: string;
  readonly versions: readonly string[];
}

/** Orders groups: a group stands where its best version puts it; those of one priority by name. */
export function compareGroups(a: Ranked, b: Ranked): number {
  const [rankA, rankB] = [rankOf(a), rankOf(b)];
  if (rankA !== rankB) return rankA < rankB ? 1 : -1;
  return a.name < b.name ? -1 : 1;
}

const rankOf = ({ name, versions }: Ranked): number =>
  Math.max(...versions.map((version) => priorityOf(name, version).group));

const stages = ['alpha', 'beta', ''];

/** The newest first: v2, v1, v1beta2, v1alpha1; names of any other form last, by name (apimachinery `CompareKubeAwareVersionStrings`). */
export function compareVersions(a: string, b: string): number {
  const [parsedA, parsedB] = [parse(a), parse(b)];
  if (parsedA === undefined || parsedB === undefined) {
    if (parsedA === parsedB) return a < b ? -1 : Number(a > b);
    return parsedA === undefined ? 1 : -1;
  }
  return parsedB.stage - parsedA.stage || parsedB.major - parsedA.major || parsedB.minor - parsedA.minor;
}

function parse(version: string): { stage: number; major: number; minor: number } | undefined {
  const [, major, stage = '', minor = '0'] = /^v([1-9][0-9]*)(?:(alpha|beta)([1-9][0-9]*))?$/.exec(version) ?? [];
  return major === undefined ? undefined : { stage: stages.indexOf(stage), major: Number(major), minor: Number(minor) };
}
