import type { KubeObject } from '@reckon/api/machinery';
import { Indexer, objectKey } from '@reckon/client/cache';
import { type Claim, NewestObjects, type StorageClass, type Volume } from '@reckon/control/runtime';
import type { CsiDriver, CsiStorageCapacity } from '../framework/kinds';
import type { VolumeView } from '../plugins/volume-binding/pod-volumes';

export interface VolumeParts {
  readonly claims?: readonly Partial<Claim>[];
  readonly volumes?: readonly Partial<Volume>[];
  readonly classes?: readonly Partial<StorageClass>[];
  readonly drivers?: readonly Partial<CsiDriver>[];
  readonly capacities?: readonly Partial<CsiStorageCapacity>[];
}

const indexed = <T extends KubeObject>(objects: readonly Partial<T>[] = []): Indexer<T> => {
  const indexer = new Indexer<T>();
  for (const object of objects as readonly T[]) indexer.set(objectKey(object), object);
  return indexer;
};

/** What the watches have brought of volumes. */
export const volumeView = (parts: VolumeParts = {}): VolumeView => ({
  claims: new NewestObjects(indexed<Claim>(parts.claims)),
  volumes: new NewestObjects(indexed<Volume>(parts.volumes)),
  classes: indexed<StorageClass>(parts.classes),
  space: { drivers: indexed<CsiDriver>(parts.drivers), capacities: indexed<CsiStorageCapacity>(parts.capacities) },
});

export const claimOf = (name: string, spec: Claim['spec'] = {}, more: object = {}): Partial<Claim> => ({
  metadata: { name, namespace: 'default', uid: `uid-${name}`, ...more },
  spec,
});
export const volumeOf = (
  name: string,
  spec: Volume['spec'] = {},
  labels: Record<string, string> = {},
): Partial<Volume> => ({ metadata: { name, labels }, spec });
export const classOf = (name: string, provisioner: string, isDelayed = true): Partial<StorageClass> => ({
  metadata: { name },
  provisioner,
  volumeBindingMode: isDelayed ? 'WaitForFirstConsumer' : 'Immediate',
});
