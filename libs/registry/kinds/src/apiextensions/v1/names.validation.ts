import { type FieldPath, fieldErrors, validateDns1035Label } from '@reckon/api/machinery';
import type { apiextensionsv1 } from '@reckon/api/types';
import { checkRequired, type Errors } from '../../field-checks';

type Names = apiextensionsv1.CustomResourceDefinitionNames;

/** All that is wrong with a text in one error, as apiextensions says it. */
export function checkLabelAtOnce(errors: Errors, path: FieldPath, text: string): void {
  const messages = validateDns1035Label(text);
  if (messages.length > 0) errors.push(fieldErrors.invalid(path, text, messages.join(',')));
}

/** What a definition must say itself (defaults have come before). */
export function validateRequiredNames(errors: Errors, path: FieldPath, names: Names): void {
  for (const field of ['plural', 'singular', 'kind', 'listKind'] as const)
    checkRequired(errors, path.child(field), names[field]);
}

/** ValidateCustomResourceDefinitionNames: of those asked for and of those accepted. */
export function validateNames(errors: Errors, path: FieldPath, names: Names): void {
  for (const field of ['plural', 'singular'] as const) {
    const name = names[field];
    if (name) checkLabelAtOnce(errors, path.child(field), name);
  }
  for (const field of ['kind', 'listKind'] as const) {
    const name = names[field];
    if (!name) continue;
    const messages = validateDns1035Label(name.toLowerCase());
    if (messages.length > 0)
      errors.push(
        fieldErrors.invalid(
          path.child(field),
          name,
          `may have mixed case, but should otherwise match: ${messages.join(',')}`,
        ),
      );
  }
  for (const [i, name] of (names.shortNames ?? []).entries())
    checkLabelAtOnce(errors, path.child('shortNames').index(i), name);
  // Otherwise nobody could tell an object from a list of them.
  if (names.kind && names.kind === names.listKind)
    errors.push(fieldErrors.invalid(path.child('listKind'), names.listKind, 'kind and listKind may not be the same'));
  for (const [i, name] of (names.categories ?? []).entries())
    checkLabelAtOnce(errors, path.child('categories').index(i), name);
}
