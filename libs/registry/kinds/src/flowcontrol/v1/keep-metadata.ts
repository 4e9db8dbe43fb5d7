import type { ObjectMeta } from '@reckon/api/machinery';

interface HasMetadata {
  metadata: ObjectMeta;
}

/** A writer of the status changes nothing of the metadata, but who owns which field must be told. */
export function keepMetadata(object: HasMetadata, old: HasMetadata): void {
  const { managedFields } = object.metadata;
  object.metadata = { ...old.metadata };
  if (managedFields === undefined) delete object.metadata.managedFields;
  else object.metadata.managedFields = managedFields;
}
