import type { corev1 } from '@reckon/api/types';
import type { Pod } from '../../framework/kinds';

type PodVolume = corev1.Volume;

/** Whether two pods on one node cannot both use their volumes; each pair is of the same kind. */
const rules: readonly ((one: PodVolume, other: PodVolume) => boolean)[] = [
  ({ gcePersistentDisk: a }, { gcePersistentDisk: b }) =>
    a !== undefined && b !== undefined && a.pdName === b.pdName && !areReadOnly(a, b),
  ({ awsElasticBlockStore: a }, { awsElasticBlockStore: b }) =>
    a !== undefined && b !== undefined && a.volumeID === b.volumeID,
  ({ iscsi: a }, { iscsi: b }) => a !== undefined && b !== undefined && a.iqn === b.iqn && !areReadOnly(a, b),
  ({ rbd: a }, { rbd: b }) =>
    a !== undefined &&
    b !== undefined &&
    a.monitors.some((monitor) => b.monitors.includes(monitor)) &&
    (a.pool ?? '') === (b.pool ?? '') &&
    a.image === b.image &&
    !areReadOnly(a, b),
];

const areReadOnly = (...volumes: readonly { readonly readOnly?: boolean }[]): boolean =>
  volumes.every(({ readOnly }) => readOnly === true);

const isExclusive = ({ gcePersistentDisk, awsElasticBlockStore, iscsi, rbd }: PodVolume): boolean =>
  (gcePersistentDisk ?? awsElasticBlockStore ?? iscsi ?? rbd) !== undefined;

/** The volumes of a pod that not every other pod may use at the same time (volumerestrictions.needsRestrictionsCheck). */
export const exclusiveVolumes = ({ spec }: Pod): readonly PodVolume[] => (spec?.volumes ?? []).filter(isExclusive);

/** Whether a pod uses one of the volumes in a way that leaves no room for another (volumerestrictions.isVolumeConflict). */
export const conflicts = (volumes: readonly PodVolume[], { spec }: Pod): boolean =>
  volumes.some((one) => spec?.volumes?.some((other) => rules.some((rule) => rule(one, other))));
