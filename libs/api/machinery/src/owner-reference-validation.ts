import { type FieldError, fieldErrors, type FieldPath } from './field-error';
import { type OwnerReference, parseApiVersion } from './object';

/** validation.ValidateOwnerReferences; upstream's paths carry no index. */
export function validateOwnerReferences(references: readonly OwnerReference[], path: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  let firstController = '';
  for (const reference of references) {
    errors.push(...validateOwnerReference(reference, path));
    if (reference.controller !== true) continue;
    const controller = `${reference.kind}/${reference.name}`;
    if (firstController === '') firstController = controller;
    else {
      errors.push(
        fieldErrors.invalid(
          path,
          references.map(rendered),
          `Only one reference can have Controller set to true. Found "true" in references for ${firstController} and ${controller}`,
        ),
      );
    }
  }
  return errors;
}

/** As sent, a field may be missing whatever the type says. */
function validateOwnerReference(reference: Partial<OwnerReference>, path: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  const { apiVersion = '', kind = '', name = '', uid = '' } = reference;
  const version = parseApiVersion(apiVersion);
  if (version === undefined || version.version === '') {
    errors.push(fieldErrors.invalid(path.child('apiVersion'), apiVersion, 'version must not be empty'));
  }
  for (const [field, value] of Object.entries({ kind, name, uid })) {
    if (value === '') errors.push(fieldErrors.invalid(path.child(field), value, 'must not be empty'));
  }
  // An Event lives an hour; what it owned would go with it.
  if (version?.group === '' && version.version === 'v1' && kind === 'Event') {
    errors.push(fieldErrors.invalid(path, rendered(reference), '/v1, Kind=Event is disallowed from being an owner'));
  }
  return errors;
}

/** In the order of the Go struct. */
function rendered(r: Partial<OwnerReference>): Record<string, unknown> {
  return {
    apiVersion: r.apiVersion ?? '',
    kind: r.kind ?? '',
    name: r.name ?? '',
    uid: r.uid ?? '',
    ...(r.controller === undefined ? {} : { controller: r.controller }),
    ...(r.blockOwnerDeletion === undefined ? {} : { blockOwnerDeletion: r.blockOwnerDeletion }),
  };
}
