import type { corev1 } from '@reckon/api/types';

/** `Toleration.ToleratesTaint` of k8s.io/api/core/v1; an empty effect or key with Exists covers all. */
export function tolerates(toleration: corev1.Toleration, taint: corev1.Taint): boolean {
  if (isSet(toleration.effect) && toleration.effect !== taint.effect) return false;
  if (isSet(toleration.key) && toleration.key !== taint.key) return false;
  switch (toleration.operator ?? '') {
    case '':
    case 'Equal':
      return (toleration.value ?? '') === (taint.value ?? '');
    case 'Exists':
      return true;
    case 'Lt':
      return compares(taint.value, toleration.value, (taintValue, bound) => taintValue < bound);
    case 'Gt':
      return compares(taint.value, toleration.value, (taintValue, bound) => taintValue > bound);
    default:
      return false;
  }
}

export const anyTolerates = (tolerations: readonly corev1.Toleration[] | undefined, taint: corev1.Taint): boolean =>
  tolerations?.some((t) => tolerates(t, taint)) ?? false;

/** The first taint that keeps new pods away and is not tolerated. */
export function untoleratedTaint(
  taints: readonly corev1.Taint[] | undefined,
  tolerations: readonly corev1.Toleration[] | undefined,
): corev1.Taint | undefined {
  return taints?.find(
    (taint) => (taint.effect === 'NoSchedule' || taint.effect === 'NoExecute') && !anyTolerates(tolerations, taint),
  );
}

const isSet = (text: string | undefined): boolean => text !== undefined && text !== '';

const wholeNumber = /^-?(0|[1-9]\d*)$/;

function compares(taintValue = '', bound = '', holds: (taintValue: bigint, bound: bigint) => boolean): boolean {
  return wholeNumber.test(taintValue) && wholeNumber.test(bound) && holds(BigInt(taintValue), BigInt(bound));
}
