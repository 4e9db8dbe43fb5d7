import { fieldErrors, fieldPath } from '@reckon/api/machinery';
import type { apiextensionsv1 } from '@reckon/api/types';
import { GoUrlError, parseGoUrl } from '../../admissionregistration/go-url';
import type { Errors } from '../../field-checks';

type Definition = apiextensionsv1.CustomResourceDefinition;
type State = 'missing' | 'bypassed' | 'approved' | 'invalid';

const annotation = 'api-approved.kubernetes.io';
const why = 'see https://github.com/kubernetes/enhancements/pull/1111';
const reasons = {
  missing: `protected groups must have approval annotation "${annotation}", ${why}`,
  invalid: `protected groups must have approval annotation "${annotation}" with either a URL or a reason starting with "unapproved", ${why}`,
};

/** pkg/apihelpers `IsProtectedCommunityGroup`. */
const isProtected = (group: string): boolean => /(?:^|\.)(?:k8s|kubernetes)\.io$/.test(group);

/** pkg/apihelpers `GetAPIApprovalState`. */
function approvalOf({ metadata }: Definition): State {
  const text = metadata.annotations?.[annotation] ?? '';
  if (text === '') return 'missing';
  if (text.startsWith('unapproved')) return 'bypassed';
  try {
    const { scheme, host } = parseGoUrl(text);
    return scheme !== '' && host !== '' ? 'approved' : 'invalid';
  } catch (error) {
    if (error instanceof GoUrlError) return 'invalid';
    throw error;
  }
}

/** `validateAPIApproval`: groups of the community take what it has approved; an update that leaves the state alone may. */
export function validateApiApproval(errors: Errors, definition: Definition, old: Definition | undefined): void {
  if (!isProtected(definition.spec.group)) return;
  const state = approvalOf(definition);
  if (old !== undefined && approvalOf(old) === state) return;
  const path = fieldPath('metadata', 'annotations').key(annotation);
  if (state === 'missing') errors.push(fieldErrors.required(path, reasons.missing));
  if (state === 'invalid')
    errors.push(fieldErrors.invalid(path, definition.metadata.annotations?.[annotation] ?? '', reasons.invalid));
}
