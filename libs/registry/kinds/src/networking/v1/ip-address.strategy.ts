import { fieldErrors, fieldPath, semanticEqual, validateDns1123Subdomain } from '@reckon/api/machinery';
import type { networkingv1 } from '@reckon/api/types';
import type { Strategy } from '@reckon/registry/generic';
import { checkRequiredText, checkText, type Errors, immutableMessage } from '../../field-checks';
import { canonicalIpMessages } from './ip-format';
import { pathSegment } from './typed-reference';

type Parent = networkingv1.ParentReference;

/** An address in use and what uses it; its name is the address. */
export const ipAddressStrategy: Strategy<networkingv1.IPAddress> = {
  nameRule: (name) => canonicalIpMessages(name),
  validate: (_ctx, address) => validateParent(address.spec?.parentRef),
  validateUpdate: (_ctx, address, old) => {
    const parent = address.spec?.parentRef;
    const errors = [
      ...canonicalIpMessages(address.metadata.name ?? '').map((message) =>
        fieldErrors.invalid(fieldPath('metadata', 'name'), address.metadata.name, message),
      ),
      ...validateParent(parent),
    ];
    if (!semanticEqual(parent, old.spec?.parentRef))
      errors.push(fieldErrors.invalid(fieldPath('spec', 'parentRef'), internalForm(parent), immutableMessage));
    return errors;
  },
};

function validateParent(parent: Parent | undefined): Errors {
  const path = fieldPath('spec', 'parentRef');
  if (parent === undefined) return [fieldErrors.required(path)];
  const errors: Errors = [];
  // The core group is the empty text, so there may be none.
  if (parent.group) checkText(errors, path.child('group'), parent.group, validateDns1123Subdomain);
  checkRequiredText(errors, path.child('resource'), parent.resource, pathSegment);
  checkRequiredText(errors, path.child('name'), parent.name, pathSegment);
  if (parent.namespace) checkText(errors, path.child('namespace'), parent.namespace, pathSegment);
  return errors;
}

const internalForm = (parent: Parent | undefined): object | undefined =>
  parent && {
    Group: parent.group ?? '',
    Resource: parent.resource ?? '',
    Namespace: parent.namespace ?? '',
    Name: parent.name ?? '',
  };
