import type { SelectableFields } from '@reckon/api/kinds';
import type { FieldSelector, LabelSelector } from '@reckon/api/machinery';
import type { Match } from '@reckon/store/contract';
import type { StoreParts } from './store-parts';

/** What a list or watch selects, in the storage's terms. */
export interface Selection {
  readonly namespace: string;
  /** Only this object: a key lookup instead of a scan. */
  readonly name?: string;
  readonly match?: Match;
  /** True when a selector was given: then nobody knows how many items remain. */
  readonly isSelective: boolean;
}

export interface SelectorQuery {
  readonly namespace: string;
  readonly labels?: LabelSelector;
  readonly fields?: FieldSelector;
}

/**
 * Compiles selectors to a Match; `metadata.namespace=` and `metadata.name=` become the scope where they can
 * (registry `ListPredicate`). Throws 400 for a field that the kind does not offer.
 */
export function compileSelection(
  parts: Pick<StoreParts, 'row'>,
  selectable: SelectableFields,
  query: SelectorQuery,
): Selection {
  const labels = query.labels === undefined || query.labels.empty ? undefined : query.labels;
  const requirements = query.fields?.requirements ?? [];
  if (requirements.length > 0) selectable.check(requirements.map((r) => r.field));

  let namespace = parts.row.namespaced ? query.namespace : '';
  if (namespace === '' && parts.row.namespaced) namespace = query.fields?.exactValue('metadata.namespace') ?? '';
  const name = query.fields?.exactValue('metadata.name') ?? '';
  const hasKey = name !== '' && (namespace !== '' || !parts.row.namespaced);

  const fields = requirements.length === 0 ? undefined : query.fields;
  const match = matchOf(labels, fields);
  return {
    namespace,
    ...(hasKey ? { name } : {}),
    ...(match === undefined ? {} : { match }),
    isSelective: match !== undefined,
  };
}

function matchOf(labels: LabelSelector | undefined, fields: FieldSelector | undefined): Match | undefined {
  if (labels === undefined) return fields === undefined ? undefined : (_l, f) => fields.matches(f);
  if (fields === undefined) return (l) => labels.matches(l);
  return (l, f) => labels.matches(l) && fields.matches(f);
}
