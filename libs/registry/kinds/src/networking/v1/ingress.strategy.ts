import { fieldErrors, fieldPath } from '@reckon/api/machinery';
import type { networkingv1 } from '@reckon/api/types';
import type { Strategy } from '@reckon/registry/generic';
import { countSpecChange } from '../../generation';
import { keepSpec, keepStatus } from '../../status-keeping';
import { validateIngress, validateIngressStatus } from './ingress.validation';
import { ipWarnings } from './ip-format';

/** What named the class before there was a field for it. */
const classAnnotation = 'kubernetes.io/ingress.class';

const annotatedClass = ({ metadata: { annotations } }: networkingv1.Ingress): string | undefined =>
  annotations !== undefined && Object.hasOwn(annotations, classAnnotation) ? annotations[classAnnotation] : undefined;

export const ingressStrategy: Strategy<networkingv1.Ingress> = {
  prepareForCreate: (_ctx, ingress) => {
    ingress.status = { loadBalancer: {} };
    ingress.metadata.generation = 1;
  },
  validate: (_ctx, ingress) => {
    const errors = validateIngress(ingress, undefined);
    const annotated = annotatedClass(ingress);
    const named = ingress.spec?.ingressClassName;
    if (annotated !== undefined && named !== undefined && annotated !== named)
      errors.push(
        fieldErrors.invalid(
          fieldPath('annotations', classAnnotation),
          annotated,
          'must match `ingressClassName` when both are specified',
        ),
      );
    return errors;
  },
  warningsOnCreate: (_ctx, ingress) =>
    annotatedClass(ingress) !== undefined && ingress.spec?.ingressClassName === undefined
      ? [`annotation "${classAnnotation}" is deprecated, please use 'spec.ingressClassName' instead`]
      : [],
  prepareForUpdate: (_ctx, ingress, old) => {
    keepStatus(ingress, old);
    countSpecChange(ingress, old, ingress.spec, old.spec);
  },
  validateUpdate: (_ctx, ingress, old) => validateIngress(ingress, old),
};

export const ingressStatusStrategy: Strategy<networkingv1.Ingress> = {
  prepareForUpdate: (_ctx, ingress, old) => keepSpec(ingress, old),
  validateUpdate: (_ctx, ingress, old) => validateIngressStatus(ingress, old),
  warningsOnUpdate: (_ctx, ingress) =>
    (ingress.status?.loadBalancer?.ingress ?? []).flatMap(({ ip }, index) =>
      ip ? ipWarnings(fieldPath('status', 'loadBalancer', 'ingress').index(index).child('ip'), ip) : [],
    ),
};
