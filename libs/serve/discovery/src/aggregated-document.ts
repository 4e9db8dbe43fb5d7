import type { ResourceRow } from '@reckon/api/kinds';
import type { ServedGroup } from './legacy-documents';

/** `apidiscovery.k8s.io/v2 APIGroupDiscoveryList`: all resources of all groups in one answer. */
export function aggregatedDocument(
  groups: readonly ServedGroup[],
  rowsOf: (group: string, version: string) => readonly ResourceRow[],
): object {
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: 'apidiscovery.k8s.io/v2',
    metadata: {},
    items: groups.map((group) => ({
      metadata: group.name === '' ? {} : { name: group.name },
      versions: group.versions.map((version) => ({
        version,
        resources: rowsOf(group.name, version).map(resourceOf),
        freshness: 'Current',
      })),
    })),
  };
}

function resourceOf(row: ResourceRow): object {
  return {
    resource: row.resource,
    responseKind: { group: '', version: '', kind: row.kind },
    scope: row.namespaced ? 'Namespaced' : 'Cluster',
    singularResource: row.singular,
    verbs: row.verbs,
    ...(row.shortNames.length === 0 ? {} : { shortNames: row.shortNames }),
    ...(row.categories.length === 0 ? {} : { categories: row.categories }),
    ...(row.subresources.length === 0 ? {} : { subresources: row.subresources.map((s) => subresourceOf(row, s)) }),
  };
}

/** A kind of the row's own group version is named without them. */
function subresourceOf(row: ResourceRow, sub: ResourceRow['subresources'][number]): object {
  const own = sub.group === row.group && sub.version === row.version;
  return {
    subresource: sub.name,
    responseKind: { group: own ? '' : sub.group, version: own ? '' : sub.version, kind: sub.kind },
    verbs: sub.verbs,
  };
}
