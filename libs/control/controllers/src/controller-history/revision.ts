import type { KubeObject } from '@reckon/api/machinery';
import type { appsv1 } from '@reckon/api/types';

export type ControllerRevision = appsv1.ControllerRevision & KubeObject;

/** The oldest revision first; of equal numbers the elder object, then by name (history.SortControllerRevisions). */
export const byRevision = (a: ControllerRevision, b: ControllerRevision): number =>
  a.revision - b.revision ||
  compare(a.metadata.creationTimestamp ?? '', b.metadata.creationTimestamp ?? '') ||
  compare(a.metadata.name ?? '', b.metadata.name ?? '');

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

export const maxRevision = (revisions: readonly ControllerRevision[]): number =>
  revisions.reduce((max, { revision }) => Math.max(max, revision), 0);
