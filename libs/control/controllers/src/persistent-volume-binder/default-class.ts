import { parseTime } from '@reckon/api/machinery';
import type { StorageClass } from '@reckon/control/runtime';

const marks = ['storageclass.kubernetes.io/is-default-class', 'storageclass.beta.kubernetes.io/is-default-class'];

/** The newest of those that are the default; of the same age the first by name (pkg/volume/util.GetDefaultClass). */
export const defaultClass = (classes: readonly StorageClass[]): StorageClass | undefined =>
  classes
    .filter(({ metadata }) => marks.some((mark) => metadata.annotations?.[mark] === 'true'))
    .sort((a, b) => bornMs(b) - bornMs(a) || ((a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1))[0];

const bornMs = ({ metadata: { creationTimestamp } }: StorageClass): number =>
  creationTimestamp == null ? 0 : parseTime(creationTimestamp);
