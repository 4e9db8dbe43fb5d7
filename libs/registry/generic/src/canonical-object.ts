import { stringifyObject } from '@reckon/api/kinds';
import type { KubeObject, ObjectMeta } from '@reckon/api/machinery';

/**
 * Stored bytes begin with `{"kind":…,"apiVersion":…,"metadata":` and the metadata follow Go's struct order, so that a list can cut
 * `kind` and `apiVersion` off by length and objects look the same whoever wrote them.
 */
export function canonicalObject(object: KubeObject, kind: string, apiVersion: string): KubeObject {
  object.metadata = canonicalMetadata(object.metadata);
  const keys = Object.keys(object);
  if (keys[0] === 'kind' && keys[1] === 'apiVersion' && keys[2] === 'metadata') {
    object.kind = kind;
    object.apiVersion = apiVersion;
    return object;
  }
  const ordered: KubeObject = { kind, apiVersion, metadata: object.metadata };
  for (const key of keys) {
    if (key !== 'kind' && key !== 'apiVersion' && key !== 'metadata') ordered[key] = object[key];
  }
  return ordered;
}

/** A copy of the metadata in the order of metav1.ObjectMeta; `resourceVersion` has its place even before it is known. */
function canonicalMetadata(meta: ObjectMeta): ObjectMeta {
  const out: ObjectMeta = {};
  if (meta.name !== undefined) out.name = meta.name;
  if (meta.generateName !== undefined && meta.generateName !== '') out.generateName = meta.generateName;
  if (meta.namespace !== undefined && meta.namespace !== '') out.namespace = meta.namespace;
  if (meta.uid !== undefined && meta.uid !== '') out.uid = meta.uid;
  out.resourceVersion = meta.resourceVersion ?? '';
  if (meta.generation !== undefined && meta.generation !== 0) out.generation = meta.generation;
  if (meta.creationTimestamp !== undefined && meta.creationTimestamp !== null)
    out.creationTimestamp = meta.creationTimestamp;
  if (meta.deletionTimestamp !== undefined) out.deletionTimestamp = meta.deletionTimestamp;
  if (meta.deletionGracePeriodSeconds !== undefined) out.deletionGracePeriodSeconds = meta.deletionGracePeriodSeconds;
  if (isFilledMap(meta.labels)) out.labels = meta.labels;
  if (isFilledMap(meta.annotations)) out.annotations = meta.annotations;
  if (isFilledList(meta.ownerReferences)) out.ownerReferences = meta.ownerReferences;
  if (isFilledList(meta.finalizers)) out.finalizers = meta.finalizers;
  if (isFilledList(meta.managedFields)) out.managedFields = meta.managedFields;
  return out;
}

function isFilledMap(map: Record<string, string> | undefined): map is Record<string, string> {
  if (map === undefined || map === null) return false;
  for (const key in map) if (Object.hasOwn(map, key)) return true;
  return false;
}

const isFilledList = <T>(list: T[] | undefined): list is T[] => list !== undefined && list !== null && list.length > 0;

/** The bytes of an object that is not stored (a dry run, the answer of an update that deleted). */
export function unstoredBytes(object: KubeObject): Buffer {
  if (object.metadata.resourceVersion === '') delete object.metadata.resourceVersion;
  return Buffer.from(stringifyObject(object));
}
