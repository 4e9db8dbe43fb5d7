import { type FieldPath, fieldErrors } from '@reckon/api/machinery';
import type { Errors } from '../../field-checks';
import { internalItems } from './internal-schema';
import { itemSchemaOf, type JsonSchema, propertyOf } from './json-schema';

const typeField = 'x-kubernetes-list-type';
const keysField = 'x-kubernetes-list-map-keys';

/** Each key that is wrong is told with all keys: what is told of very many would be longer than memory. */
const mostTold = 200;

/** `x-kubernetes-list-type` and what must stand beside it. */
export function validateListType(
  errors: Errors,
  path: FieldPath,
  schema: JsonSchema,
  tolerance: { readonly nonAtomicSets: boolean },
): void {
  const listType = schema[typeField];
  const keys = schema[keysField] ?? [];
  if (listType !== undefined && schema.type !== 'array') {
    const message = 'must be array if x-kubernetes-list-type is specified';
    const typePath = path.child('type');
    errors.push(
      schema.type ? fieldErrors.invalid(typePath, schema.type, message) : fieldErrors.required(typePath, message),
    );
  } else if (!tolerance.nonAtomicSets) validateSetItems(errors, path.child('items'), schema);
  if (listType !== undefined && !['atomic', 'set', 'map'].includes(listType))
    errors.push(fieldErrors.notSupported(path.child(typeField), listType, ['atomic', 'set', 'map']));
  if (keys.length > 0 && listType !== 'map') {
    const message = 'must be map if x-kubernetes-list-map-keys is non-empty';
    const typePath = path.child(typeField);
    errors.push(
      listType === undefined
        ? fieldErrors.required(typePath, message)
        : fieldErrors.invalid(typePath, listType, message),
    );
  }
  if (listType === 'map') validateMapList(errors, path, schema, keys);
}

/** Sets compare whole items, so these must be what is compared as a whole. */
function validateSetItems(errors: Errors, path: FieldPath, schema: JsonSchema): void {
  const part = nonAtomicPart(schema);
  if (part === undefined) return;
  // Upstream shows the list type of the item in both cases.
  const shown = itemSchemaOf(schema)?.[typeField];
  errors.push(
    fieldErrors.invalid(path.child(part), shown, 'must be atomic as item of a list with x-kubernetes-list-type=set'),
  );
}

/** The extension of a set's items that keeps them from being atomic. */
function nonAtomicPart(schema: JsonSchema): 'x-kubernetes-list-type' | 'x-kubernetes-map-type' | undefined {
  const item = itemSchemaOf(schema);
  if (schema[typeField] !== 'set' || item === undefined) return undefined;
  if (item.type === 'array') return (item[typeField] ?? 'atomic') === 'atomic' ? undefined : typeField;
  if (item.type === 'object') return item['x-kubernetes-map-type'] === 'atomic' ? undefined : 'x-kubernetes-map-type';
  return undefined;
}

export const hasNonAtomicSet = (schema: JsonSchema): boolean => nonAtomicPart(schema) !== undefined;

function validateMapList(errors: Errors, path: FieldPath, schema: JsonSchema, keys: readonly string[]): void {
  const itemPath = path.child('items');
  if (keys.length === 0)
    errors.push(fieldErrors.required(path.child(keysField), 'must not be empty if x-kubernetes-list-type is map'));
  if (schema.items === undefined)
    errors.push(fieldErrors.required(itemPath, 'must have a schema if x-kubernetes-list-type is map'));
  const item = itemSchemaOf(schema);
  if (item === undefined) {
    if (schema.items !== undefined)
      errors.push(
        fieldErrors.invalid(
          itemPath,
          internalItems(schema),
          'must only have a single schema if x-kubernetes-list-type is map',
        ),
      );
    return;
  }
  if (item.type !== 'object') {
    errors.push(
      fieldErrors.invalid(
        itemPath.child('type'),
        item.type ?? '',
        "must be object if parent array's x-kubernetes-list-type is map",
      ),
    );
    return;
  }
  const seen = new Set<string>();
  for (const key of keys.slice(0, mostTold)) {
    const property = propertyOf(item, key);
    if (!property)
      errors.push(fieldErrors.invalid(path.child(keysField), keys, 'entries must all be names of item properties'));
    else if (property.type === 'array' || property.type === 'object')
      errors.push(
        fieldErrors.invalid(
          itemPath.child('properties').key(key).child('type'),
          item.type,
          "must be a scalar type if parent array's x-kubernetes-list-type is map",
        ),
      );
    if (seen.has(key))
      errors.push(fieldErrors.invalid(path.child(keysField), keys, 'must not contain duplicate entries'));
    seen.add(key);
  }
}

/** `validateMapListKeysMapSet`: every item of a map-like list has its keys. */
export function validateMapKeys(errors: Errors, path: FieldPath, schema: JsonSchema): void {
  const listType = schema[typeField];
  const item = itemSchemaOf(schema);
  if (!item || (listType !== 'set' && listType !== 'map')) return;
  const itemPath = path.child('items');
  if (item.nullable === true)
    errors.push(
      fieldErrors.forbidden(
        itemPath.child('nullable'),
        `cannot be nullable when x-kubernetes-list-type is ${listType}`,
      ),
    );
  if (listType !== 'map') return;
  const required = new Set(item.required);
  for (const key of schema[keysField] ?? []) {
    const property = propertyOf(item, key);
    if (!property) continue;
    const keyPath = itemPath.child('properties').key(key);
    if (!required.has(key) && property.default === undefined)
      errors.push(
        fieldErrors.required(
          keyPath.child('default'),
          'this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property',
        ),
      );
    if (property.nullable === true)
      errors.push(
        fieldErrors.forbidden(
          keyPath.child('nullable'),
          'this property is in x-kubernetes-list-map-keys, so it cannot be nullable',
        ),
      );
  }
}
