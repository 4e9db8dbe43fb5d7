import { type FieldPath, fieldErrors, fieldPath, parseCidr } from '@reckon/api/machinery';
import type { networkingv1 } from '@reckon/api/types';
import type { Strategy } from '@reckon/registry/generic';
import { checkText, type Errors, immutableMessage } from '../../field-checks';
import { keepMetaForStatus } from '../../core/v1/pod/subresource-meta';
import { keepSpec } from '../../status-keeping';
import { canonicalCidrMessages } from './ip-format';

/** A network that services get addresses of. Upstream's strategy lets writers of the object set its status, too. */
export const serviceCidrStrategy: Strategy<networkingv1.ServiceCIDR> = {
  resetFields: [],
  defaults: (serviceCidr) => {
    serviceCidr.status ??= {};
  },
  validate: (_ctx, { spec }) => validateNew(spec?.cidrs ?? []),
  validateUpdate: (_ctx, { spec }, old) => [
    ...validateNew(spec?.cidrs ?? []),
    ...validateChange(spec?.cidrs ?? [], old.spec?.cidrs ?? []),
  ],
};

export const serviceCidrStatusStrategy: Strategy<networkingv1.ServiceCIDR> = {
  resetFields: [],
  prepareForUpdate: (_ctx, serviceCidr, old) => {
    keepSpec(serviceCidr, old);
    keepMetaForStatus(serviceCidr.metadata, old.metadata);
  },
};

function validateNew(cidrs: readonly string[]): Errors {
  const errors: Errors = [];
  validateCidrs(errors, fieldPath('spec', 'cidrs'), cidrs);
  return errors;
}

function validateCidrs(errors: Errors, path: FieldPath, cidrs: readonly string[]): void {
  if (cidrs.length === 0) {
    errors.push(fieldErrors.required(path, 'at least one CIDR required'));
    return;
  }
  if (cidrs.length > 2) {
    // Upstream shows the spec here, by its Go field names.
    errors.push(fieldErrors.invalid(path, { CIDRs: cidrs }, 'may only hold up to 2 values'));
    return;
  }
  for (const [index, cidr] of cidrs.entries()) checkText(errors, path.index(index), cidr, canonicalCidrMessages);
  const [first, second] = cidrs.map((cidr) => parseCidr(cidr)?.network.address.family);
  if (cidrs.length === 2 && first !== undefined && first === second)
    errors.push(
      fieldErrors.invalid(
        path,
        cidrs,
        'may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64',
      ),
    );
}

/** ValidateServiceCIDRUpdate: networks stay, but one of the other family may join. */
function validateChange(cidrs: readonly string[], old: readonly string[]): Errors {
  const errors: Errors = [];
  const path = fieldPath('spec', 'cidrs');
  const checkSame = (index: number): void => {
    if (cidrs[index] !== old[index])
      errors.push(fieldErrors.invalid(path.index(index), cidrs[index], immutableMessage));
  };
  if (cidrs.length === old.length) for (const index of old.keys()) checkSame(index);
  else if (old.length === 1 && cidrs.length === 2) {
    checkSame(0);
    validateCidrs(errors, path, cidrs);
  } else errors.push(fieldErrors.invalid(path, cidrs, immutableMessage));
  return errors;
}
