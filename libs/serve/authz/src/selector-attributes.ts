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

export interface ReviewedSelectors {
  readonly selectors: SelectorAttributes;
  /** What of them could not be read, as the review tells it (`BuildEvaluationError`). */
  readonly problems: readonly string[];
}

const unlimited: ReviewedSelectors = { selectors: none, problems: [] };

/** What a review asks about: requirements that cannot be read are left out, which asks for more (`AuthorizationAttributesFrom`). */
export function reviewedSelectors(attributes: authorizationv1.ResourceAttributes | undefined): ReviewedSelectors {
  const { fieldSelector: fields, labelSelector: labels } = attributes ?? {};
  if (fields === undefined && labels === undefined) return unlimited;
  const read = {
    fieldSelector: readSelector(fields, (text) => parseFieldSelector(text).requirements, fieldRequirement),
    labelSelector: readSelector(labels, (text) => parseLabelSelector(text).requirements ?? [], labelRequirement),
  };
  return {
    selectors: { fieldSelector: read.fieldSelector.requirements, labelSelector: read.labelSelector.requirements },
    problems: Object.entries(read).flatMap(([name, { isWhole, requirements }]) =>
      isWhole
        ? []
        : `spec.resourceAttributes.${name} ${requirements === undefined ? '' : 'partially '}ignored due to parse error`,
    ),
  };
}

interface Read<T> {
  readonly requirements: readonly T[] | undefined;
  readonly isWhole: boolean;
}

function readSelector<T>(
  selector: { readonly rawSelector?: string; readonly requirements?: readonly Reviewed[] } | undefined,
  parseText: (text: string) => readonly T[],
  read: (requirement: Reviewed) => T[],
): Read<T> {
  const { rawSelector = '', requirements = [] } = selector ?? {};
  if (rawSelector !== '') {
    const whole = attempt(() => parseText(rawSelector));
    return { requirements: notEmpty(whole ?? []), isWhole: whole !== undefined };
  }
  const readable = requirements.flatMap(read);
  return { requirements: notEmpty(readable), isWhole: readable.length === requirements.length };
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
  return attempt(() => [newRequirement(key, labelOperators[operator as keyof typeof labelOperators], values)]) ?? [];
}

/** Undefined for a text that the selector's grammar refuses: the handler will say so, authorization sees no limit. */
const parsed = <T>(parse: () => readonly T[] | undefined): readonly T[] | undefined => notEmpty(attempt(parse) ?? []);

function attempt<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch (error) {
    if (error instanceof SelectorError) return undefined;
    throw error;
  }
}

const notEmpty = <T>(requirements: readonly T[]): readonly T[] | undefined =>
  requirements.length === 0 ? undefined : requirements;
