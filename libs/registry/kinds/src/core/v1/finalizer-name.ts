import { type FieldPath, fieldErrors, validateQualifiedName } from '@reckon/api/machinery';
import { checkText, type Errors } from '../../field-checks';

/** Names without a slash that mean something to the system (core/helper.IsStandardFinalizerName). */
const standard = ['kubernetes', 'orphan', 'foregroundDeletion'];

/** pkg/apis/core/validation `validateFinalizerName`: qualified, and known if it has no domain. */
export function checkFinalizerName(errors: Errors, path: FieldPath, name: string): void {
  checkText(errors, path, name, validateQualifiedName);
  checkKnownFinalizer(errors, path, name);
}

/** `validateKubeFinalizerName`. */
export function checkKnownFinalizer(errors: Errors, path: FieldPath, name: string): void {
  if (!name.includes('/') && !standard.includes(name))
    errors.push(fieldErrors.invalid(path, name, 'name is neither a standard finalizer name nor is it fully qualified'));
}
