import type { ResourceRow, SubresourceRow } from './resource-row';
import { resourceRows, type TypeTable } from './table';

type Cells = readonly [
  group: string,
  version: string,
  resource: string,
  kind: string,
  listKind: string,
  singular: string,
  scope: 'namespaced' | 'cluster',
  shortNames: readonly string[],
  categories: readonly string[],
  verbs: readonly string[],
  subresources: readonly (readonly [string, string, string, string, readonly string[]])[],
  struct: string,
];

/** Resources whose objects are kept as another version's, by `<group>/<version>/<resource>`. */
const storedElsewhere: Readonly<Record<string, ResourceRow['storage']>> = {
  'events.k8s.io/v1/events': { group: '', resource: 'events', version: 'v1' },
  'autoscaling/v1/horizontalpodautoscalers': {
    group: 'autoscaling',
    resource: 'horizontalpodautoscalers',
    version: 'v2',
  },
};

/** All resources of version v1 and v2 that upstream serves, in the order of its discovery. */
export function builtinRows(types: TypeTable): ResourceRow[] {
  return (resourceRows as readonly Cells[]).map(
    ([group, version, resource, kind, listKind, singular, scope, shortNames, categories, verbs, subs, struct]) => ({
      group,
      version,
      resource,
      singular,
      kind,
      listKind,
      namespaced: scope === 'namespaced',
      shortNames,
      categories,
      verbs,
      subresources: subs.map(([name, subGroup, subVersion, subKind, subVerbs]): SubresourceRow => ({
        name,
        group: subGroup,
        version: subVersion,
        kind: subKind,
        verbs: subVerbs,
      })),
      storage: storedElsewhere[`${group}/${version}/${resource}`] ?? { group, resource, version },
      type: types.struct(struct),
    }),
  );
}
