import { type FieldPath, nameIsPathSegment, validateDns1123Subdomain } from '@reckon/api/machinery';
import { checkRequiredText, checkText, type Errors } from '../../field-checks';

/** content.IsPathSegmentName. */
export const pathSegment = (text: string): string[] => nameIsPathSegment(text, 'name');

/** The parts that a reference to an object of any kind has in common (validateIngressTypedLocalObjectReference). */
export function validateTypedReference(
  errors: Errors,
  path: FieldPath,
  reference: { readonly apiGroup?: string | null; readonly kind: string; readonly name: string },
): void {
  const { apiGroup, kind, name } = reference;
  if (apiGroup !== undefined && apiGroup !== null)
    checkText(errors, path.child('apiGroup'), apiGroup, validateDns1123Subdomain);
  checkRequiredText(errors, path.child('kind'), kind, pathSegment);
  checkRequiredText(errors, path.child('name'), name, pathSegment);
}
