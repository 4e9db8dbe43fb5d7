import type { FieldRequirement, LabelRequirement } from '@reckon/api/machinery';
import type { authorizationv1 } from '@reckon/api/types';
import type { AuthzAttributes } from '../authorizer';

export type ReviewSpec = authorizationv1.SubjectAccessReviewSpec;
type Attributes = NonNullable<ReviewSpec['resourceAttributes']>;

/** What a webhook is asked about (plugin/pkg/authorizer/webhook `Authorize`); as Go marshals it: nothing that is empty, in this order. */
export function accessReviewSpec(a: AuthzAttributes): ReviewSpec {
  const { name, uid = '', groups, extra = {} } = a.user;
  return {
    ...(a.isResource
      ? { resourceAttributes: resourceAttributes(a) }
      : { nonResourceAttributes: withoutEmpty({ path: a.path, verb: a.verb }) }),
    ...withoutEmpty({ user: name }),
    ...(groups.length === 0 ? {} : { groups: [...groups] }),
    ...(Object.keys(extra).length === 0 ? {} : { extra: sorted(extra) }),
    ...withoutEmpty({ uid }),
  };
}

/** Lengths of what a client chooses freely: too much of it is not worth remembering, and may be meant to fill the memory. */
export const chosenLength = (a: AuthzAttributes): number =>
  a.namespace.length +
  a.verb.length +
  a.group.length +
  a.version.length +
  a.resource.length +
  a.subresource.length +
  a.name.length +
  a.path.length;

function resourceAttributes(a: AuthzAttributes): Attributes {
  const { namespace, verb, group, version, resource, subresource, name } = a;
  const fields = (a.fieldSelector ?? []).map(fieldRequirement);
  const labels = (a.labelSelector ?? []).flatMap(labelRequirement);
  return {
    ...withoutEmpty({ namespace, verb, group, version, resource, subresource, name }),
    ...(fields.length === 0 ? {} : { fieldSelector: { requirements: fields } }),
    ...(labels.length === 0 ? {} : { labelSelector: { requirements: labels } }),
  };
}

interface Requirement {
  readonly key: string;
  readonly operator: string;
  readonly values?: string[];
}

const fieldRequirement = ({ field, operator, value }: FieldRequirement): Requirement => ({
  key: field,
  operator: operator === '=' ? 'In' : 'NotIn',
  values: [value],
});

/** Comparisons of numbers have no form in a review: without them it asks for more. */
function labelRequirement({ key, operator, values }: LabelRequirement): Requirement[] {
  switch (operator) {
    case 'exists':
      return [{ key, operator: 'Exists' }];
    case '!':
      return [{ key, operator: 'DoesNotExist' }];
    case 'in':
    case '=':
    case '==':
      return [{ key, operator: 'In', values: [...values].sort() }];
    case 'notin':
    case '!=':
      return [{ key, operator: 'NotIn', values: [...values].sort() }];
    case 'gt':
    case 'lt':
      return [];
  }
}

function withoutEmpty<T extends Record<string, string>>(texts: T): { [K in keyof T]: string } {
  return Object.fromEntries(Object.entries(texts).filter(([, text]) => text !== '')) as { [K in keyof T]: string };
}

/** Keys in order, so that one user is one key of the cache; `__proto__` is a key like any. */
const sorted = (extra: Readonly<Record<string, readonly string[]>>): Record<string, string[]> =>
  Object.fromEntries(
    Object.entries(extra)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, values]) => [key, [...values]]),
  );
