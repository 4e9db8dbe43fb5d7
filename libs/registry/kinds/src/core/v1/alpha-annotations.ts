import { type FieldPath, fieldErrors } from '@reckon/api/machinery';
import type { corev1, metav1 } from '@reckon/api/types';
import type { Errors } from '../../field-checks';
import { cannotUnmarshal, jsonError } from './json-object-error';
import { validateTaints } from './node/taints';
import { validateTolerations } from './pod/validation/tolerations';

type Annotations = Readonly<Record<string, string>>;

const tolerationsKey = 'scheduler.alpha.kubernetes.io/tolerations';
const taintsKey = 'scheduler.alpha.kubernetes.io/taints';
const avoidPodsKey = 'scheduler.alpha.kubernetes.io/preferAvoidPods';

const textOf = (annotations: Annotations, key: string): string =>
  Object.hasOwn(annotations, key) ? (annotations[key] ?? '') : '';

/** ValidateTolerationsInPodAnnotations: what was an annotation before it was a field is still checked, and has no effect. */
export function validateTolerationsAnnotation(errors: Errors, path: FieldPath, annotations: Annotations): void {
  const text = textOf(annotations, tolerationsKey);
  if (text === '') return;
  const tolerations = readList<corev1.Toleration>(errors, path, tolerationsKey, text, ['Toleration', toleration]);
  validateTolerations(errors, path.child(tolerationsKey), tolerations);
}

/** ValidateNodeSpecificAnnotations. */
export function validateNodeAnnotations(errors: Errors, path: FieldPath, annotations: Annotations): void {
  const taints = textOf(annotations, taintsKey);
  if (taints !== '')
    validateTaints(
      errors,
      path.child(taintsKey),
      readList<corev1.Taint>(errors, path, taintsKey, taints, ['Taint', taint]),
    );
  const avoidPods = textOf(annotations, avoidPodsKey);
  if (avoidPods !== '') validateAvoidPods(errors, path, avoidPods);
}

/** The fields of an internal struct: name in Go and type. */
type Struct = Readonly<Record<string, readonly [name: string, type: string]>>;

const toleration: Struct = {
  key: ['Key', 'string'],
  operator: ['Operator', 'core.TolerationOperator'],
  value: ['Value', 'string'],
  effect: ['Effect', 'core.TaintEffect'],
};

const taint: Struct = {
  key: ['Key', 'string'],
  value: ['Value', 'string'],
  effect: ['Effect', 'core.TaintEffect'],
};

/** An empty list where the text is none, which is said at the path with the key as the value. */
function readList<T extends object>(
  errors: Errors,
  path: FieldPath,
  key: string,
  text: string,
  [goType, struct]: readonly [string, Struct],
): readonly T[] {
  let problem = jsonError(text, 'array', `[]core.${goType}`);
  const items = problem === undefined ? ((JSON.parse(text) ?? []) as unknown[]) : [];
  for (const item of items) problem ??= itemError(item, goType, struct);
  if (problem === undefined) return items.map((item) => (item ?? {}) as T);
  errors.push(fieldErrors.invalid(path, key, problem));
  return [];
}

function itemError(item: unknown, goType: string, struct: Struct): string | undefined {
  if (item === null) return undefined;
  if (typeof item !== 'object' || Array.isArray(item)) return cannotUnmarshal(item, `value of type core.${goType}`);
  for (const [field, [name, type]] of Object.entries(struct)) {
    const value: unknown = Object.hasOwn(item, field) ? (item as Record<string, unknown>)[field] : undefined;
    if (value != null && typeof value !== 'string')
      return cannotUnmarshal(value, `struct field ${goType}.${name} of type ${type}`);
  }
  return undefined;
}

interface AvoidPods {
  readonly preferAvoidPods?: readonly { readonly podSignature?: { readonly podController?: metav1.OwnerReference } }[];
}

/** ValidateAvoidPodsInNodeAnnotations: pods to keep away are named by their controller. */
function validateAvoidPods(errors: Errors, path: FieldPath, text: string): void {
  const problem = jsonError(text, 'object', 'v1.AvoidPods');
  if (problem !== undefined) {
    errors.push(fieldErrors.invalid(path.child('AvoidPods'), avoidPodsKey, problem));
    return;
  }
  const entries = (JSON.parse(text) as AvoidPods | null)?.preferAvoidPods;
  if (!Array.isArray(entries)) return;
  for (const [index, entry] of (entries as NonNullable<AvoidPods['preferAvoidPods']>).entries()) {
    const entryPath = path.child(avoidPodsKey).index(index).child('PodSignature');
    const controller = entry?.podSignature?.podController;
    if (!controller) errors.push(fieldErrors.required(entryPath));
    else if (controller.controller !== true)
      errors.push(
        fieldErrors.invalid(entryPath.child('PodController', 'Controller'), false, 'must point to a controller'),
      );
  }
}
