import {
  type FieldPath,
  fieldErrors,
  isZeroQuantity,
  parseQuantity,
  validateQualifiedName,
} from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import { checkText, type Errors } from '../../../../field-checks';

/** Fields of a pod that `env` can show, sorted as they are printed. */
export const envFields = [
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
];

/** Fields of a pod that files can show. */
export const fileFields = [
  'metadata.annotations',
  'metadata.labels',
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
];

/** Fields that have a name in the downward API at all (ConvertDownwardAPIFieldLabel). */
const known = new Set([...envFields, ...fileFields, 'spec.restartPolicy', 'spec.schedulerName', 'status.phase']);

/** fieldpath.SplitMaybeSubscriptedPath: `metadata.labels['a']` is a path and a key. */
function splitSubscript(text: string): readonly [string, string] | undefined {
  const start = text.indexOf("['");
  return start > 0 && text.endsWith("']") && start + 2 <= text.length - 2
    ? [text.slice(0, start), text.slice(start + 2, -2)]
    : undefined;
}

/** `validateObjectFieldSelector`. */
export function checkFieldReference(
  errors: Errors,
  path: FieldPath,
  reference: corev1.ObjectFieldSelector,
  allowed: readonly string[],
): void {
  if (!reference.apiVersion) {
    errors.push(fieldErrors.required(path.child('apiVersion')));
    return;
  }
  const fieldPathPath = path.child('fieldPath');
  if (!reference.fieldPath) {
    errors.push(fieldErrors.required(fieldPathPath));
    return;
  }
  const wrong = (why: string): void => {
    errors.push(fieldErrors.invalid(fieldPathPath, reference.fieldPath, `error converting fieldPath: ${why}`));
  };
  if (reference.apiVersion !== 'v1') {
    wrong(`unsupported pod version: ${reference.apiVersion}`);
    return;
  }
  const subscripted = splitSubscript(reference.fieldPath);
  if (subscripted !== undefined) {
    const [field, key] = subscripted;
    if (field === 'metadata.annotations') checkText(errors, path, key.toLowerCase(), validateQualifiedName);
    else if (field === 'metadata.labels') checkText(errors, path, key, validateQualifiedName);
    else wrong(`field label does not support subscript: ${reference.fieldPath}`);
    return;
  }
  // The oldest name of all.
  const field = reference.fieldPath === 'spec.host' ? 'spec.nodeName' : reference.fieldPath;
  if (!known.has(field)) wrong(`field label not supported: ${reference.fieldPath}`);
  else if (!allowed.includes(field)) errors.push(fieldErrors.notSupported(fieldPathPath, field, allowed));
}

const resources = [
  'limits.cpu',
  'limits.ephemeral-storage',
  'limits.memory',
  'requests.cpu',
  'requests.ephemeral-storage',
  'requests.memory',
];
const sizes = ['1', '1k', '1M', '1G', '1T', '1P', '1E', '1Ki', '1Mi', '1Gi', '1Ti', '1Pi', '1Ei'];

/** `validateContainerResourceFieldSelector`; a file must say whose resources, an env variable means its own container's. */
export function checkResourceReference(
  errors: Errors,
  path: FieldPath,
  reference: corev1.ResourceFieldSelector,
  use: 'env' | 'file',
): void {
  const resource = reference.resource ?? '';
  const hugePages = /^(?:limits|requests)\.hugepages-/.test(resource);
  if (use === 'file' && !reference.containerName) errors.push(fieldErrors.required(path.child('containerName')));
  else if (resource === '') errors.push(fieldErrors.required(path.child('resource')));
  else if (!resources.includes(resource) && !hugePages)
    errors.push(fieldErrors.notSupported(path.child('resource'), resource, resources));
  const divisor = reference.divisor ?? '0';
  if (divisor === '0' || isZeroQuantity(parseQuantity(divisor))) return;
  const kind = hugePages ? 'hugepages' : resources.includes(resource) ? resource.slice(resource.indexOf('.') + 1) : '';
  const refuse = (allowed: readonly string[], what: string): void => {
    if (!allowed.includes(divisor))
      errors.push(
        fieldErrors.invalid(
          path.child('divisor'),
          resource,
          `only divisor's values ${allowed === sizes ? sizes.join(', ') : '1m and 1'} are supported with the ${what} resource`,
        ),
      );
  };
  if (kind === 'cpu') refuse(['1m', '1'], 'cpu');
  else if (kind === 'memory') refuse(sizes, 'memory');
  else if (kind === 'ephemeral-storage') refuse(sizes, 'local ephemeral storage');
  else if (kind === 'hugepages') refuse(sizes, 'hugepages');
}
