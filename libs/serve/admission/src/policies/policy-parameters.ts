import type { KindRegistry, ResourceRow } from '@reckon/api/kinds';
import { type KubeObject, labelSelectorFromObject, parseApiVersion } from '@reckon/api/machinery';
import type { admissionregistrationv1 } from '@reckon/api/types';
import type { ObjectReader } from '../object-reader';

type ParamKind = admissionregistrationv1.ParamKind;
type ParamRef = admissionregistrationv1.ParamRef;

/** Why a policy or a binding cannot be carried out; its failure policy decides what comes of it. */
export class PolicyConfigurationError extends Error {
  readonly code = 'PolicyConfiguration';

  constructor(message: string) {
    super(message);
    this.name = 'PolicyConfigurationError';
  }
}

/** The resource that holds the parameters of a kind. Throws PolicyConfigurationError where nothing of the kind is served. */
export function parameterRow(kinds: KindRegistry, { apiVersion = '', kind = '' }: ParamKind): ResourceRow {
  const version = parseApiVersion(apiVersion);
  const row = version === undefined ? undefined : kinds.kind(version.group, version.version, kind);
  if (row !== undefined) return row;
  const shown = version === undefined ? apiVersion : `${version.group}/${version.version}`;
  throw new PolicyConfigurationError(`failed to find resource referenced by paramKind: '${shown}, Kind=${kind}'`);
}

/** A policy is evaluated once for each; `null` is no parameter at all. */
export type Parameter = KubeObject | null;

/** What a binding hands to its policy (policy/generic `CollectParams`), the newest there is. Throws PolicyConfigurationError. */
export function collectParameters(
  row: ResourceRow | undefined,
  reference: ParamRef | undefined,
  namespace: string,
  { kinds, objects }: { readonly kinds: KindRegistry; readonly objects: ObjectReader },
): readonly Parameter[] {
  if (row === undefined || reference === undefined) return [null];
  const within = namespaceOf(row, reference, namespace);
  const found = find(row, reference, within, objects).map((object) => kinds.converters.convert(object, row));
  if (found.length === 0 && reference.parameterNotFoundAction === 'Deny')
    throw new PolicyConfigurationError('no params found for policy binding with `Deny` parameterNotFoundAction');
  return found;
}

function namespaceOf(row: ResourceRow, reference: ParamRef, namespace: string): string {
  const named = reference.namespace ?? '';
  if (!row.namespaced) {
    if (named === '') return '';
    throw new PolicyConfigurationError('paramRef.namespace must not be provided for a cluster-scoped `paramKind`');
  }
  if (named !== '') return named;
  if (namespace !== '') return namespace;
  throw new PolicyConfigurationError(
    'cannot use namespaced paramRef in policy binding that matches cluster-scoped resources',
  );
}

function find(
  row: ResourceRow,
  { name = '', selector }: ParamRef,
  namespace: string,
  objects: ObjectReader,
): KubeObject[] {
  if (name !== '') {
    if (selector != null)
      throw new PolicyConfigurationError('paramRef.name and paramRef.selector are mutually exclusive');
    const object = objects.get(row.storage, namespace, name);
    return object === undefined ? [] : [object];
  }
  if (selector == null) throw new PolicyConfigurationError('one of name or selector must be provided');
  const wanted = labelSelectorFromObject(selector);
  const all = row.namespaced ? objects.list(row.storage, namespace) : objects.list(row.storage);
  return all.filter(({ metadata }) => wanted.matches(metadata.labels ?? {}));
}
