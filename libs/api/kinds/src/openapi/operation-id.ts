import type { ResourceRow } from '../resource-row';

const upper = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);

/** `rbac.authorization.k8s.io` → `rbacAuthorization`; the core group is `core`. */
function friendlyGroup(group: string): string {
  if (group === '') return 'core';
  return group
    .replace(/\.k8s\.io$/, '')
    .split('.')
    .map((word, at) => (at === 0 ? word : upper(word)))
    .join('');
}

/** What operations are gathered under: `rbacAuthorization_v1`. */
export const tagOf = ({ group, version }: { readonly group: string; readonly version: string }): string =>
  `${friendlyGroup(group)}_${version}`;

const words: Readonly<Record<string, string>> = { get: 'read', update: 'replace', deletecollection: 'delete' };

export interface OperationName {
  /** With the method for streams: `connectGet`. */
  readonly verb: string;
  readonly row: ResourceRow;
  readonly subresource?: string;
  /** `List` of a watched collection, `ForAllNamespaces`, `WithPath`. */
  readonly suffix?: string;
  /** The path has no namespace though the kind has one. */
  readonly isAcrossNamespaces?: true;
}

/**
 * Names of generated clients' methods: `replaceAppsV1NamespacedDeploymentScale`, `deleteCoreV1CollectionNamespacedPod`
 * (k8s.io/apiserver/pkg/endpoints `registerResourceHandlers`, …/endpoints/openapi `GetOperationIDAndTags`).
 */
export function operationId({ verb, row, subresource = '', suffix = '', isAcrossNamespaces }: OperationName): string {
  const [, word = '', method = ''] = /^(connect)?(\w+)$/.exec(verb) ?? [];
  const group = `${upper(friendlyGroup(row.group))}${upper(row.version)}`;
  const scope = row.namespaced && isAcrossNamespaces !== true ? 'Namespaced' : '';
  const start = word === 'connect' ? `connect${group}${method}` : `${words[verb] ?? verb}${group}`;
  const collection = verb === 'deletecollection' ? 'Collection' : '';
  return `${start}${collection}${scope}${row.kind}${upper(subresource)}${suffix}`;
}
