import { fieldErrors, fieldPath, validateImmutable } from '@reckon/api/machinery';
import type { apiextensionsv1 } from '@reckon/api/types';
import type { Errors } from '../../field-checks';
import type { RulesChecker } from '../schema/rules-checker';
import { validateApiApproval } from './api-approval';
import { validateNames } from './names.validation';
import { validateSpec } from './spec.validation';
import { isEstablished, noTolerance, toleranceOf } from './tolerance';

type Definition = apiextensionsv1.CustomResourceDefinition;

const storedVersionsPath = fieldPath('status', 'storedVersions');

/** ValidateCustomResourceDefinition. */
export function validateDefinition(definition: Definition, checkRules: RulesChecker): Errors {
  const errors: Errors = [];
  const { metadata, spec } = definition;
  const expected = `${spec.names?.plural ?? ''}.${spec.group}`;
  const message = 'must be spec.names.plural+"."+spec.group';
  for (const field of ['generateName', 'name'] as const) {
    const name = metadata[field];
    if (name && name !== expected) errors.push(fieldErrors.invalid(fieldPath('metadata', field), name, message));
  }
  validateSpec(errors, spec, { tolerance: noTolerance, checkRules, old: undefined });
  validateStatusNames(errors, definition);
  validateStoredVersions(errors, definition);
  validateApiApproval(errors, definition, undefined);
  validatePreserving(errors, definition, undefined);
  return errors;
}

/** ValidateCustomResourceDefinitionUpdate. */
export function validateDefinitionUpdate(definition: Definition, old: Definition, checkRules: RulesChecker): Errors {
  const errors: Errors = [];
  const { spec } = definition;
  validateSpec(errors, spec, { tolerance: toleranceOf(old), checkRules, old: old.spec });
  const path = fieldPath('spec');
  // What is served and stored already.
  if (isEstablished(old))
    errors.push(
      ...validateImmutable(spec.scope, old.spec.scope, path.child('scope')),
      ...validateImmutable(spec.names.kind, old.spec.names.kind, path.child('names', 'kind')),
    );
  errors.push(
    ...validateImmutable(spec.group, old.spec.group, path.child('group')),
    ...validateImmutable(spec.names.plural, old.spec.names.plural, path.child('names', 'plural')),
  );
  validateStatusNames(errors, definition);
  validateStoredVersions(errors, definition);
  validateApiApproval(errors, definition, old);
  validatePreserving(errors, definition, old);
  return errors;
}

/** ValidateCustomResourceDefinitionStatus. */
export function validateStatusNames(errors: Errors, { status }: Definition): void {
  const names = status?.acceptedNames;
  if (names) validateNames(errors, fieldPath('status', 'acceptedNames'), names);
}

/** ValidateCustomResourceDefinitionStoredVersions: a version that objects are stored in can be read. */
function validateStoredVersions(errors: Errors, { spec, status }: Definition): void {
  const stored = status?.storedVersions ?? [];
  if (stored.length === 0) {
    errors.push(fieldErrors.invalid(storedVersionsPath, null, 'must have at least one stored version'));
    return;
  }
  const versions = spec.versions ?? [];
  for (const { name, storage } of versions)
    if (storage && !stored.includes(name))
      errors.push(fieldErrors.invalid(storedVersionsPath, stored, `must have the storage version ${name}`));
  for (const [i, name] of stored.entries())
    if (!versions.some((version) => version.name === name))
      errors.push(
        fieldErrors.invalid(
          storedVersionsPath.index(i),
          name,
          `missing from spec.versions; ${name} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in ${name} and removes ${name} from status.storedVersions`,
        ),
      );
}

/** `validatePreserveUnknownFields`: it can only be left. */
function validatePreserving(errors: Errors, { spec }: Definition, old: Definition | undefined): void {
  if (spec.preserveUnknownFields !== true || old?.spec.preserveUnknownFields === true) return;
  errors.push(
    fieldErrors.invalid(
      fieldPath('spec', 'preserveUnknownFields'),
      true,
      'cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead',
    ),
  );
}
