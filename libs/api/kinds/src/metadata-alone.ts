import type { KubeObject, ObjectMeta } from '@reckon/api/machinery';

const templateGeneration = 'deprecated.daemonset.template.generation';

/**
 * The metadata of an object where they are told without it (PartialObjectMetadata, rows of a Table). Upstream takes them from the
 * internal form, of which a DaemonSet's counter of templates is a field of the spec: as an annotation only the whole object shows it.
 */
export function metadataAlone({ kind, metadata }: KubeObject): ObjectMeta {
  if (kind !== 'DaemonSet' || metadata.annotations === undefined) return metadata;
  const annotations = { ...metadata.annotations };
  delete annotations[templateGeneration];
  const alone: ObjectMeta = { ...metadata, annotations };
  if (Object.keys(annotations).length === 0) delete alone.annotations;
  return alone;
}
