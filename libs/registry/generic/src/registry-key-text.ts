import type { ObjectKey } from '@reckon/store/contract';

/** Resources that upstream stores under another name (kubeapiserver `SpecialDefaultResourcePrefixes`). */
const special = new Map([
  ['/replicationcontrollers', 'controllers'],
  ['/endpoints', 'services/endpoints'],
  ['/services', 'services/specs'],
  ['/nodes', 'minions'],
  ['networking.k8s.io/ingresses', 'ingress'],
]);

/** Groups whose resources upstream stores below the group. */
const grouped = new Set(['apiextensions.k8s.io', 'apiregistration.k8s.io']);

/** The key that upstream names in `StorageError` texts, which clients see in some conflicts. */
export function registryKeyText(key: ObjectKey): string {
  const prefix =
    special.get(`${key.group}/${key.resource}`) ??
    (grouped.has(key.group) ? `${key.group}/${key.resource}` : key.resource);
  return key.namespace === '' ? `/registry/${prefix}/${key.name}` : `/registry/${prefix}/${key.namespace}/${key.name}`;
}
