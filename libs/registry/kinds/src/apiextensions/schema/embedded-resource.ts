import {
  type FieldPath,
  fieldErrors,
  goKindOf,
  nameIsPathSegment,
  type ObjectMeta,
  validateDns1035Label,
  validateObjectMeta,
} from '@reckon/api/machinery';
import type { Errors } from '../../field-checks';
import { additionalSchemaOf, itemSchemaOf, type JsonSchema, propertyOf } from './json-schema';

type Json = Record<string, unknown>;

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Goes to every value with a schema, outermost first; stops when `at` says so. */
function walk(
  path: FieldPath,
  value: unknown,
  schema: JsonSchema | undefined,
  at: (path: FieldPath, value: Json, schema: JsonSchema) => boolean,
): boolean {
  if (schema === undefined) return true;
  if (Array.isArray(value)) return value.every((item, i) => walk(path.index(i), item, itemSchemaOf(schema), at));
  if (!isObject(value)) return true;
  if (schema['x-kubernetes-embedded-resource'] === true && !at(path, value, schema)) return false;
  return Object.keys(value).every((key) => {
    const property = propertyOf(schema, key);
    if (property) return walk(path.child(key), value[key], property, at);
    return walk(path.key(key), value[key], additionalSchemaOf(schema), at);
  });
}

/**
 * The apiVersion, kind and metadata of embedded resources: that they can be read at all (schema/objectmeta `Coerce`), which is
 * one error at most, else that they are right (`Validate`).
 */
export function validateEmbeddedResources(path: FieldPath, value: unknown, schema: JsonSchema): Errors {
  const errors: Errors = [];
  walk(path, value, schema, (at, resource) => {
    for (const field of ['apiVersion', 'kind'])
      if (Object.hasOwn(resource, field) && typeof resource[field] !== 'string')
        errors.push(fieldErrors.invalid(at.child(field), resource[field], 'must be a string'));
    const problem = metadataProblem(resource['metadata']);
    if (problem !== undefined) errors.push(fieldErrors.invalid(at.child('metadata'), resource['metadata'], problem));
    return errors.length === 0;
  });
  if (errors.length > 0) return errors.slice(0, 1);
  walk(path, value, schema, (at, resource) => {
    validateResource(errors, at, resource);
    return true;
  });
  return errors;
}

function validateResource(errors: Errors, path: FieldPath, resource: Json): void {
  const { apiVersion, kind } = resource;
  if (typeof apiVersion !== 'string' || apiVersion === '') errors.push(fieldErrors.required(path.child('apiVersion')));
  if (typeof kind !== 'string' || kind === '') errors.push(fieldErrors.required(path.child('kind')));
  if (typeof apiVersion === 'string' && apiVersion.split('/').length > 2)
    errors.push(
      fieldErrors.invalid(path.child('apiVersion'), apiVersion, `unexpected GroupVersion string: ${apiVersion}`),
    );
  if (typeof kind === 'string' && kind !== '') {
    const messages = validateDns1035Label(kind.toLowerCase());
    if (messages.length > 0)
      errors.push(
        fieldErrors.invalid(
          path.child('kind'),
          kind,
          `may have mixed case, but should otherwise match: ${messages.join(',')}`,
        ),
      );
  }
  if (!isObject(resource['metadata'])) return;
  const meta: ObjectMeta = { ...resource['metadata'] };
  // A name is not asked of what is part of something else.
  meta.name ??= 'fakename';
  errors.push(
    ...validateObjectMeta(meta, {
      namespaced: (meta.namespace ?? '') !== '',
      nameRule: nameIsPathSegment,
      path: path.child('metadata'),
    }),
  );
}

const textFields = new Set([
  'name',
  'generateName',
  'namespace',
  'selfLink',
  'uid',
  'resourceVersion',
  'creationTimestamp',
  'deletionTimestamp',
]);
const numberFields = new Set(['generation', 'deletionGracePeriodSeconds']);
const listFields: Readonly<Record<string, string>> = {
  ownerReferences: '[]v1.OwnerReference',
  finalizers: '[]string',
  managedFields: '[]v1.ManagedFieldsEntry',
};

/** Why Go could not read metadata, in encoding/json's words. */
function metadataProblem(metadata: unknown): string | undefined {
  if (metadata === undefined || metadata === null) return undefined;
  const cannot = (value: unknown, where: string, type: string): string =>
    `json: cannot unmarshal ${goKindOf(value)} into Go ${where} of type ${type}`;
  if (!isObject(metadata)) return cannot(metadata, 'value', 'v1.ObjectMeta');
  for (const [field, value] of Object.entries(metadata)) {
    const where = `struct field ObjectMeta.${field}`;
    if (value === null) continue;
    if (textFields.has(field) && typeof value !== 'string') return cannot(value, where, 'string');
    if (numberFields.has(field) && typeof value !== 'number') return cannot(value, where, 'int64');
    if (Object.hasOwn(listFields, field) && !Array.isArray(value)) return cannot(value, where, listFields[field] ?? '');
    if (field === 'labels' || field === 'annotations') {
      if (!isObject(value)) return cannot(value, where, 'map[string]string');
      const bad = Object.values(value).find((text) => typeof text !== 'string');
      if (bad !== undefined) return cannot(bad, where, 'string');
    }
  }
  return undefined;
}
