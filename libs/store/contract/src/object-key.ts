/** Where an object is stored. `group` is the *storage* group ('' = core); `namespace` is '' for cluster-scoped objects. */
export interface ObjectKey {
  readonly group: string;
  readonly resource: string;
  readonly namespace: string;
  readonly name: string;
}

/** One storage resource: every served version of it shares it. */
export interface StorageResource {
  readonly group: string;
  readonly resource: string;
}

/** `/apps/deployments/default/web`, `/core/nodes//n1`. Byte order of the text is list order within a resource. */
export function keyText(key: ObjectKey): string {
  return `/${key.group === '' ? 'core' : key.group}/${key.resource}/${key.namespace}/${key.name}`;
}

/** `/apps/deployments/`: the prefix of all keys of a resource. */
export function resourcePrefix(r: StorageResource): string {
  return `/${r.group === '' ? 'core' : r.group}/${r.resource}/`;
}

export function parseKey(text: string): ObjectKey {
  const [empty, group, resource, namespace, name, more] = text.split('/');
  if (empty !== '' || !group || !resource || namespace === undefined || !name || more !== undefined)
    throw new Error(`not a storage key: ${text}`);
  return { group: group === 'core' ? '' : group, resource, namespace, name };
}
