import type { ResourceRow, SubresourceRow } from '@reckon/api/kinds';
import type { GroupVersionKind } from '@reckon/api/machinery';

/** The kind of the body: the subresource's, or the row's. A subresource without a kind of its own (`status`) shows the row's. */
export function kindOf(row: ResourceRow, subresource: string): GroupVersionKind {
  const sub = subresource === '' ? undefined : subresourceOf(row, subresource);
  const { group, version, kind } = sub ?? row;
  return { group, version, kind };
}

export const subresourceOf = (row: ResourceRow, name: string): SubresourceRow | undefined =>
  row.subresources.find((sub) => sub.name === name);

/** What is written through it is the row's object, so that it can be had in the row's other versions. */
export const isView = (row: ResourceRow, subresource: string): boolean =>
  subresource === '' || subresourceOf(row, subresource)?.kind === row.kind;
