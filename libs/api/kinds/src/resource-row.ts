import type { StructType } from './table';

export interface SubresourceRow {
  readonly name: string;
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly verbs: readonly string[];
}

/** One resource of one version that is or could be served. */
export interface ResourceRow {
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly singular: string;
  readonly kind: string;
  /** `PodList`; '' for kinds that are only created (reviews, bindings). */
  readonly listKind: string;
  readonly namespaced: boolean;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly verbs: readonly string[];
  readonly subresources: readonly SubresourceRow[];
  /** What objects are stored as; differs from the row's own where two versions share their objects. */
  readonly storage: { readonly group: string; readonly resource: string; readonly version: string };
  readonly type: StructType;
}
