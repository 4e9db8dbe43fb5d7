import type { ResourceRow } from '@reckon/api/kinds';
import { apiVersionOf } from '@reckon/api/machinery';
import { storageVersionHash } from './storage-version-hash';

/** `metav1.APIVersions`: what `/api` answers. */
export function apiVersionsDocument(versions: readonly string[], serverAddress: string): object {
  return {
    kind: 'APIVersions',
    versions,
    serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress }],
  };
}

export interface ServedGroup {
  readonly name: string;
  /** The preferred one first. */
  readonly versions: readonly string[];
}

/** `metav1.APIGroup` without its kind, as a group list holds it. */
function groupBody(group: ServedGroup): object {
  const versions = group.versions.map((version) => ({
    groupVersion: apiVersionOf({ group: group.name, version }),
    version,
  }));
  return { name: group.name, versions, preferredVersion: versions[0] };
}

export const groupDocument = (group: ServedGroup): object => ({
  kind: 'APIGroup',
  apiVersion: 'v1',
  ...groupBody(group),
});

export const groupListDocument = (groups: readonly ServedGroup[]): object => ({
  kind: 'APIGroupList',
  apiVersion: 'v1',
  groups: groups.map(groupBody),
});

/** `metav1.APIResourceList` of one group version. Only the core group's lacks an apiVersion, as upstream's does. */
export function resourceListDocument(group: string, version: string, rows: readonly ResourceRow[]): object {
  return {
    kind: 'APIResourceList',
    ...(group === '' ? {} : { apiVersion: 'v1' }),
    groupVersion: apiVersionOf({ group, version }),
    resources: rows.flatMap((row) => [resourceOf(row), ...row.subresources.map((s) => subresourceOf(row, s))]),
  };
}

function resourceOf(row: ResourceRow): object {
  return {
    name: row.resource,
    singularName: row.singular,
    namespaced: row.namespaced,
    kind: row.kind,
    verbs: row.verbs,
    ...(row.shortNames.length === 0 ? {} : { shortNames: row.shortNames }),
    ...(row.categories.length === 0 ? {} : { categories: row.categories }),
    // What is not stored (reviews, bindings) has no version that it is stored in; those can only be created, or are computed.
    ...(row.verbs.includes('watch')
      ? { storageVersionHash: storageVersionHash(row.storage.group, row.storage.version, row.kind) }
      : {}),
  };
}

function subresourceOf(row: ResourceRow, sub: ResourceRow['subresources'][number]): object {
  const foreign = sub.group !== row.group || sub.version !== row.version;
  return {
    name: `${row.resource}/${sub.name}`,
    singularName: '',
    namespaced: row.namespaced,
    ...(foreign ? { group: sub.group, version: sub.version } : {}),
    kind: sub.kind,
    verbs: sub.verbs,
  };
}
