import type { corev1 } from '@reckon/api/types';

type Spec = corev1.PersistentVolumeClaimSpec;

/**
 * A claim says twice what its volume is to be filled from: `dataSource` is the older field and knows claims and snapshots
 * only, `dataSourceRef` takes anything. Whoever sets one gets both (pkg/api/persistentvolumeclaim).
 */
export function linkDataSources(spec: Spec, old: Spec | undefined): void {
  // A source in another namespace is behind a gate that is off (CrossNamespaceVolumeDataSource).
  if (spec.dataSourceRef?.namespace && !old?.dataSourceRef) delete spec.dataSourceRef;
  const isInUse = Boolean(old?.dataSource ?? old?.dataSourceRef);
  if (!isInUse && !spec.dataSourceRef && !isClaimOrSnapshot(spec.dataSource)) delete spec.dataSource;
  if (spec.dataSource && !spec.dataSourceRef) spec.dataSourceRef = reference(spec.dataSource);
  else if (spec.dataSourceRef && !spec.dataSource && !spec.dataSourceRef.namespace)
    spec.dataSource = reference(spec.dataSourceRef);
}

function isClaimOrSnapshot(source: corev1.TypedLocalObjectReference | undefined): boolean {
  if (!source) return false;
  const group = source.apiGroup ?? '';
  return (
    (source.kind === 'PersistentVolumeClaim' && group === '') ||
    (source.kind === 'VolumeSnapshot' && group === 'snapshot.storage.k8s.io')
  );
}

function reference({ apiGroup, kind, name }: corev1.TypedLocalObjectReference): corev1.TypedLocalObjectReference {
  return { ...(apiGroup === undefined ? {} : { apiGroup }), kind, name };
}
