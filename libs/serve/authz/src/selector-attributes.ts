import {
  type FieldRequirement,
  type LabelRequirement,
  newRequirement,
  parseFieldSelector,
  parseLabelSelector,
  SelectorError,
} from '@reckon/api/machinery';
import type { authorizationv1 } from '@reckon/api/types';
import type { AuthzAttributes } from './authorizer';

export type SelectorAttributes = Pick<AuthzAttributes, 'fieldSelector' | 'labelSelector'>;

interface Reviewed {
  readonly key: string;
  readonly operator: string;
  readonly values?: readonly string[];
}

const none: SelectorAttributes = {};

/** What the query of a list, watch or deletecollection selects (k8s.io/apiserver/pkg/endpoints/filters `GetAuthorizerAttributes`). */
export function requestedSelectors(query: URLSearchParams): SelectorAttributes {
  return {
    fieldSelector: parsed(() => parseFieldSelector(query.get('fieldSelector') ?? '').requirements),
    labelSelector: parsed(() => parseLabelSelector(query.get('labelSelector') ?? '').requirements),
  };
}

/** What a review asks about: requirements that cannot be read are left out, which asks for more (`AuthorizationAttributesFrom`). */
export function reviewedSelectors(attributes: authorizationv1.ResourceAttributes | undefined): SelectorAttributes {
  const { fieldSelector: fields, labelSelector: labels } = attributes ?? {};
  if (fields === undefined && labels === undefined) return none;
  return {
    fieldSelector:
      (fields?.rawSelector ?? '') === ''
        ? notEmpty((fields?.requirements ?? []).flatMap(fieldRequirement))
        : parsed(() => parseFieldSelector(fields?.rawSelector ?? '').requirements),
    labelSelector:
      (labels?.rawSelector ?? '') === ''
        ? notEmpty((labels?.requirements ?? []).flatMap((r) => parsed(() => labelRequirement(r)) ?? []))
        : parsed(() => parseLabelSelector(labels?.rawSelector ?? '').requirements),
  };
}

/** Fields are compared with one value only. */
function fieldRequirement({ key, operator, values = [] }: Reviewed): FieldRequirement[] {
  const [value] = values;
  if (value === undefined || values.length !== 1) return [];
  if (operator === 'In') return [{ field: key, operator: '=', value }];
  return operator === 'NotIn' ? [{ field: key, operator: '!=', value }] : [];
}

const labelOperators = { In: 'in', NotIn: 'notin', Exists: 'exists', DoesNotExist: '!' } as const;

function labelRequirement({ key, operator, values = [] }: Reviewed): LabelRequirement[] {
  if (!Object.hasOwn(labelOperators, operator)) return [];
  return [newRequirement(key, labelOperators[operator as keyof typeof labelOperators], values)];
}

/** Undefined for a text that the selector's grammar refuses: the handler will say so, authorization sees no limit. */
function parsed<T>(parse: () => readonly T[] | undefined): readonly T[] | undefined {
  try {
    return notEmpty(parse() ?? []);
  } catch (error) {
    if (error instanceof SelectorError) return undefined;
    throw error;
  }
}

const notEmpty = <T>(requirements: readonly T[]): readonly T[] | undefined =>
  requirements.length === 0 ? undefined : requirements;
