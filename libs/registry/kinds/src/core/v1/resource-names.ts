import { validateQualifiedName } from '@reckon/api/machinery';

/** What the system knows of a resource by its name alone (pkg/apis/core/helper). */

const hugePagesPrefix = 'hugepages-';

export const isHugePages = (name: string): boolean => name.startsWith(hugePagesPrefix);

/** Without a domain, or in one of the system's. */
export const isNative = (name: string): boolean => !name.includes('/') || name.includes('kubernetes.io/');

/** Of these a pod may get less than its limit; all others are counted out piece by piece. */
export const isOvercommitAllowed = (name: string): boolean => isNative(name) && !isHugePages(name);

export const isExtended = (name: string): boolean =>
  !isNative(name) && !name.startsWith('requests.') && validateQualifiedName(`requests.${name}`).length === 0;

const containerResources = new Set(['cpu', 'memory', 'ephemeral-storage']);

export const isContainerResource = (name: string): boolean => containerResources.has(name) || isHugePages(name);

const counted = new Set([
  'pods',
  'resourcequotas',
  'services',
  'replicationcontrollers',
  'secrets',
  'configmaps',
  'persistentvolumeclaims',
  'services.nodeports',
  'services.loadbalancers',
]);

export const isInteger = (name: string): boolean => counted.has(name) || isExtended(name);

const standard = new Set([
  ...counted,
  'cpu',
  'memory',
  'ephemeral-storage',
  'requests.cpu',
  'requests.memory',
  'requests.ephemeral-storage',
  'limits.cpu',
  'limits.memory',
  'limits.ephemeral-storage',
  'storage',
  'requests.storage',
]);

export const isStandard = (name: string): boolean =>
  standard.has(name) || isHugePages(name) || name.startsWith('requests.hugepages-');

/** What a pod as a whole can ask for (PodLevelResources). */
export const isPodLevel = (name: string): boolean => name === 'cpu' || name === 'memory' || isHugePages(name);

/** `hugepages-2Mi` → `2Mi`. */
export const hugePageSize = (name: string): string => name.slice(hugePagesPrefix.length);
