import { type CelEnvironment, environmentOf } from '../check/cel-environment';
import { celTypes, type CelType, listOf, mapOf, objectType } from '../check/cel-type';

const { string } = celTypes;
const strings = listOf(string);
const type = (name: string): CelType => objectType(`kubernetes.${name}`);

/** What match conditions of authorization webhooks see: the review that would be sent (apiserver/pkg/authorization/cel `buildRequestType`). */
export const authorizationEnvironment = (): CelEnvironment =>
  environmentOf({
    variables: [['request', type('SubjectAccessReviewSpec')]],
    isRaw: true,
    objects: {
      'kubernetes.SubjectAccessReviewSpec': {
        resourceAttributes: type('ResourceAttributes'),
        nonResourceAttributes: type('NonResourceAttributes'),
        user: string,
        groups: strings,
        extra: mapOf(string, strings),
        uid: string,
      },
      'kubernetes.ResourceAttributes': {
        namespace: string,
        verb: string,
        group: string,
        version: string,
        resource: string,
        subresource: string,
        name: string,
        fieldSelector: type('FieldSelectorAttributes'),
        labelSelector: type('LabelSelectorAttributes'),
      },
      'kubernetes.FieldSelectorAttributes': {
        rawSelector: string,
        requirements: listOf(type('SelectorRequirement')),
      },
      'kubernetes.LabelSelectorAttributes': {
        rawSelector: string,
        requirements: listOf(type('SelectorRequirement')),
      },
      'kubernetes.SelectorRequirement': { key: string, operator: string, values: strings },
      'kubernetes.NonResourceAttributes': { path: string, verb: string },
    },
  });

interface Selector {
  readonly rawSelector?: string;
  readonly requirements?: readonly unknown[];
}

interface ReviewSpec {
  readonly user?: string;
  readonly uid?: string;
  readonly groups?: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
  readonly resourceAttributes?: Readonly<Record<string, unknown>> & {
    readonly fieldSelector?: Selector;
    readonly labelSelector?: Selector;
  };
  readonly nonResourceAttributes?: { readonly path?: string; readonly verb?: string };
}

const noAttributes = { namespace: '', verb: '', group: '', version: '', resource: '', subresource: '', name: '' };

/** A review's spec as the variable `request`: texts that it does not say are empty, not absent (`convertObjectToUnstructured`). */
export const authorizationRequest = (spec: ReviewSpec): Readonly<Record<string, unknown>> => ({
  user: spec.user ?? '',
  uid: spec.uid ?? '',
  groups: spec.groups ?? [],
  extra: spec.extra ?? {},
  ...(spec.resourceAttributes === undefined ? {} : { resourceAttributes: attributesOf(spec.resourceAttributes) }),
  ...(spec.nonResourceAttributes === undefined
    ? {}
    : { nonResourceAttributes: { path: '', verb: '', ...spec.nonResourceAttributes } }),
});

function attributesOf(given: NonNullable<ReviewSpec['resourceAttributes']>): Readonly<Record<string, unknown>> {
  const { fieldSelector, labelSelector, ...plain } = given;
  return {
    ...noAttributes,
    ...plain,
    ...selectorOf('fieldSelector', fieldSelector),
    ...selectorOf('labelSelector', labelSelector),
  };
}

/** One that says nothing is not there; a raw one is shown alone. */
function selectorOf(name: string, selector: Selector | undefined): Readonly<Record<string, unknown>> {
  if (selector?.rawSelector) return { [name]: { rawSelector: selector.rawSelector } };
  const requirements = selector?.requirements ?? [];
  return requirements.length === 0 ? {} : { [name]: { requirements } };
}
