import { type KubeObject, type Quantity, compareQuantities, parseQuantity, roundedUp } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import type { Amounts } from './amounts';
import { type Evaluator, countName, onChange, one } from './evaluator';
import { matchesNames } from './scope-match';

type Claim = corev1.PersistentVolumeClaim & KubeObject;

const kind = { group: '', resource: 'persistentvolumeclaims' } as const;
const countedAs = countName(kind);
const names = ['persistentvolumeclaims', 'requests.storage'];
const ofClass = '.storageclass.storage.k8s.io/';

/** Claims and the storage that they ask for, also by storage class (pkg/quota/v1/evaluator/core). */
export const volumeClaimEvaluator: Evaluator = {
  ...kind,
  measures: (name) => name === countedAs || names.some((own) => name === own || name.endsWith(ofClass + own)),
  isInScope: (object, scope) =>
    scope.scopeName === 'VolumeAttributesClass' && matchesNames(scope, attributesClasses(object)),
  // The status says how much is being allocated.
  charges: (write) => onChange(write) || write.subresource === 'status',
  usage: (object) => usage(object),
};

function usage(claim: Claim): Amounts {
  const storage = storageOf(claim);
  const own = new Map<string, Quantity>([
    ['persistentvolumeclaims', one],
    ...(storage === undefined ? [] : [['requests.storage', storage] as const]),
  ]);
  const used = new Map<string, Quantity>([[countedAs, one], ...own]);
  const storageClass =
    claim.metadata.annotations?.['volume.beta.kubernetes.io/storage-class'] ?? claim.spec?.storageClassName ?? '';
  if (storageClass !== '') for (const [name, quantity] of own) used.set(storageClass + ofClass + name, quantity);
  return used;
}

/** In whole bytes: what is asked for, or what is being allocated where that is more. */
function storageOf({ spec, status }: Claim): Quantity | undefined {
  const asked = spec?.resources?.requests?.['storage'];
  if (asked === undefined) return undefined;
  const request = wholeBytes(parseQuantity(asked));
  const allocatedText = status?.allocatedResources?.['storage'];
  if (allocatedText === undefined) return request;
  const allocated = parseQuantity(allocatedText);
  return compareQuantities(allocated, request) > 0 ? wholeBytes(allocated) : request;
}

const wholeBytes = (quantity: Quantity): Quantity =>
  quantity.scale >= 0
    ? quantity
    : { unscaled: roundedUp(quantity.unscaled, -quantity.scale), scale: 0, format: quantity.format };

/** What a claim wants, has, and is on its way to. */
function attributesClasses({ spec, status }: Claim): string[] {
  const all = [
    spec?.volumeAttributesClassName,
    status?.currentVolumeAttributesClassName,
    status?.modifyVolumeStatus?.targetVolumeAttributesClassName,
  ];
  return [...new Set(all.filter((name): name is string => name !== undefined && name !== ''))];
}
