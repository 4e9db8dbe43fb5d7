import { type KubeObject, type LabelSelector, statusErrors } from '@reckon/api/machinery';
import type { ObjectReader } from '../object-reader';
import type { AdmissionAttributes } from '../plugin';

const namespaces = { group: '', resource: 'namespaces' };

/**
 * The namespace of a request as webhooks and policies see it: a request about a namespace is in that namespace. '' where the resource
 * has none.
 */
export function namespaceOf({ row, namespace, name }: AdmissionAttributes): string {
  return isNamespace(row) && namespace === '' ? name : namespace;
}

export const isNamespace = (row: AdmissionAttributes['row']): boolean =>
  row.resource === 'namespaces' && row.group === '';

/** Throws 404 where there is none. */
export function readNamespace(objects: ObjectReader, name: string): KubeObject {
  const namespace = objects.get(namespaces, '', name);
  if (namespace === undefined) throw statusErrors.notFound(namespaces, name);
  return namespace;
}

/**
 * plugin/webhook/predicates/namespace `Matcher`: what has no namespace is always selected; a namespace that is written is selected by
 * the labels that it will have. Throws 404 where the namespace of the request is missing.
 */
export function namespaceMatches(
  selector: LabelSelector,
  attributes: AdmissionAttributes,
  objects: ObjectReader,
): boolean {
  if (selector.empty) return true;
  const name = namespaceOf(attributes);
  const isAboutNamespaces = attributes.row.resource === 'namespaces';
  if (name === '' && !isAboutNamespaces) return true;
  const { operation, subresource, object } = attributes;
  const isWritten = operation === 'CREATE' || operation === 'UPDATE';
  if (isAboutNamespaces && subresource === '' && isWritten) return selector.matches(object?.metadata.labels ?? {});
  return selector.matches(readNamespace(objects, name).metadata.labels ?? {});
}

/** plugin/webhook/predicates/object `Matcher`: the object as it will be or as it was. */
export function objectMatches(selector: LabelSelector, { object, oldObject }: AdmissionAttributes): boolean {
  if (selector.empty) return true;
  return labelsMatch(selector, object) || labelsMatch(selector, oldObject);
}

/** Options of a connection have no metadata. */
const labelsMatch = (selector: LabelSelector, object: KubeObject | undefined): boolean =>
  object?.metadata !== undefined && selector.matches(object?.metadata.labels ?? {});
