import { type FieldPath, fieldErrors } from '@reckon/api/machinery';
import type { apiextensionsv1 } from '@reckon/api/types';
import { checkRequired, type Errors } from '../../field-checks';
import { fieldPathIn } from '../schema/field-path-in-schema';
import type { JsonSchema } from '../schema/json-schema';
import { checkSimpleJsonPath } from './simple-json-path';

const columnTypes = 'boolean,date,integer,number,string';
const columnFormats = 'byte,date,date-time,double,float,int32,int64,password';
const maxSelectableFields = 8;

/** ValidateCustomResourceColumnDefinition. */
export function validatePrinterColumns(
  errors: Errors,
  path: FieldPath,
  columns: readonly apiextensionsv1.CustomResourceColumnDefinition[] = [],
): void {
  for (const [i, column] of columns.entries()) {
    const columnPath = path.index(i);
    checkRequired(errors, columnPath.child('name'), column.name);
    const oneOfTypes = `must be one of ${columnTypes}`;
    if (!column.type) errors.push(fieldErrors.required(columnPath.child('type'), oneOfTypes));
    else if (!columnTypes.split(',').includes(column.type))
      errors.push(fieldErrors.invalid(columnPath.child('type'), column.type, oneOfTypes));
    if (column.format && !columnFormats.split(',').includes(column.format))
      errors.push(fieldErrors.invalid(columnPath.child('format'), column.format, `must be one of ${columnFormats}`));
    // Named as the field is inside upstream.
    const pathPath = columnPath.child('JSONPath');
    if (!column.jsonPath) errors.push(fieldErrors.required(pathPath));
    else checkSimpleJsonPath(errors, pathPath, column.jsonPath);
  }
}

/** ValidateCustomResourceDefinitionSubresources: paths lead to where the subresource may write. */
export function validateSubresources(
  errors: Errors,
  path: FieldPath,
  subresources: apiextensionsv1.CustomResourceSubresources | undefined,
): void {
  const scale = subresources?.scale;
  if (!scale) return;
  for (const [field, root] of [
    ['specReplicasPath', '.spec'],
    ['statusReplicasPath', '.status'],
  ] as const) {
    const text = scale[field];
    const fieldPath = path.child(`scale.${field}`);
    if (!text) errors.push(fieldErrors.required(fieldPath));
    else if (checkSimpleJsonPath(errors, fieldPath, text) && !text.startsWith(`${root}.`))
      errors.push(fieldErrors.invalid(fieldPath, text, `should be a json path under ${root}`));
  }
  const selector = scale.labelSelectorPath;
  if (!selector) return;
  const selectorPath = path.child('scale.labelSelectorPath');
  const isUnder = selector.startsWith('.spec.') || selector.startsWith('.status.');
  if (checkSimpleJsonPath(errors, selectorPath, selector) && !isUnder)
    errors.push(fieldErrors.invalid(selectorPath, selector, 'should be a json path under either .spec or .status'));
}

/** ValidateCustomResourceSelectableFields. */
export function validateSelectableFields(
  errors: Errors,
  path: FieldPath,
  fields: readonly apiextensionsv1.SelectableField[],
  schema: JsonSchema | undefined,
): void {
  const seen = new Set<string>();
  for (const [i, { jsonPath }] of fields.entries()) {
    const fieldPath = path.index(i).child('jsonPath');
    if (!jsonPath) {
      errors.push(fieldErrors.required(fieldPath));
      continue;
    }
    const found = fieldPathIn(schema, jsonPath, { brackets: 'refused' });
    if (found.problem !== undefined) {
      errors.push(fieldErrors.invalid(fieldPath, jsonPath, `is an invalid path: ${found.problem}`));
      continue;
    }
    if (found.first === 'metadata')
      errors.push(fieldErrors.invalid(fieldPath, jsonPath, 'must not point to fields in metadata'));
    if (!['string', 'boolean', 'integer'].includes(found.schema?.type ?? ''))
      errors.push(
        fieldErrors.invalid(
          fieldPath,
          jsonPath,
          'must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.',
        ),
      );
    if (seen.has(found.text)) errors.push(fieldErrors.duplicate(fieldPath, jsonPath));
    seen.add(found.text);
  }
  if (seen.size > maxSelectableFields) errors.push(fieldErrors.tooMany(path, seen.size, maxSelectableFields));
}
