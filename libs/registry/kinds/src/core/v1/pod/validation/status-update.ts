import {
  type FieldPath,
  fieldErrors,
  fieldPath,
  parseIp,
  validateDns1123Subdomain,
  validateQualifiedName,
  validateUserId,
} from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import { checkText, type Errors, immutableMessage } from '../../../../field-checks';
import { legacyIpMessages } from '../../../../networking/v1/ip-format';
import { familyOf } from '../../service/service-type';
import { validateAllocatedResources } from './allocated-resources';
import { validateAnnotationUpdates, validatePodAnnotations } from './annotations';
import { validateExtendedClaim } from './extended-claim';
import { startsAgain } from './restart-policy';
import { toleratedIn } from './tolerated';

const systemConditions = ['PodScheduled', 'Ready', 'Initialized'];
const statusLists = ['containerStatuses', 'initContainerStatuses', 'ephemeralContainerStatuses'] as const;

/** ValidatePodStatusUpdate: whoever reports may report nearly anything, but nothing that has ended comes back. */
export function validatePodStatusUpdate(pod: corev1.Pod, old: corev1.Pod): Errors {
  const errors: Errors = [];
  const status = pod.status ?? {};
  const before = old.status ?? {};
  const spec = pod.spec ?? { containers: [] };
  const path = fieldPath('status');
  validateAnnotations(errors, pod, old);
  // Upstream reports conditions under the metadata.
  for (const [index, { type, observedGeneration }] of (status.conditions ?? []).entries()) {
    const conditionPath = fieldPath('metadata', 'conditions').index(index);
    checkGeneration(errors, conditionPath, observedGeneration);
    if (!systemConditions.includes(type))
      checkText(errors, conditionPath.child('Type'), type ?? '', validateQualifiedName);
  }
  const nominated = status.nominatedNodeName ?? '';
  if (nominated !== '' && nominated !== before.nominatedNodeName) {
    const nominatedPath = path.child('nominatedNodeName');
    checkText(errors, nominatedPath, nominated, validateDns1123Subdomain);
    if (old.spec?.nodeName)
      errors.push(fieldErrors.forbidden(nominatedPath, 'may not be set on pods that are already bound to a node'));
  }
  checkGeneration(errors, path, status.observedGeneration);
  if ((status.qosClass ?? '') !== (before.qosClass ?? ''))
    errors.push(fieldErrors.invalid(path.child('qosClass'), status.qosClass ?? '', immutableMessage));
  validateTransitions(errors, path, status, before, spec);
  validateClaimStatuses(errors, path.child('resourceClaimStatuses'), status, spec);
  if (status.extendedResourceClaimStatus)
    validateExtendedClaim(errors, path.child('extendedResourceClaimStatus'), status.extendedResourceClaimStatus, spec);
  validateAddresses(errors, path.child('podIPs'), status.podIPs ?? [], before.podIPs ?? []);
  const hostIps = status.hostIPs ?? [];
  if (hostIps.length > 0 && (status.hostIP ?? '') !== hostIps[0]?.ip)
    errors.push(
      fieldErrors.invalid(path.child('hostIPs').index(0).child('ip'), hostIps[0]?.ip, 'must be equal to `hostIP`'),
    );
  validateAddresses(errors, path.child('hostIPs'), hostIps, before.hostIPs ?? []);
  for (const list of statusLists) validateUsers(errors, path.child(list), status[list] ?? [], spec);
  validateAllocatedResources(errors, path, status, spec);
  return errors;
}

function validateAnnotations(errors: Errors, pod: corev1.Pod, old: corev1.Pod): void {
  const now = pod.metadata.annotations;
  const before = old.metadata.annotations;
  if (!now && !before) return;
  const path = fieldPath('metadata', 'annotations');
  validateAnnotationUpdates(errors, path, now ?? {}, before ?? {});
  validatePodAnnotations(errors, path, now ?? {}, pod.spec ?? { containers: [] }, toleratedIn(old));
}

function checkGeneration(errors: Errors, path: FieldPath, generation: number | undefined): void {
  if (generation !== undefined && generation < 0)
    errors.push(fieldErrors.invalid(path.child('observedGeneration'), generation, 'must be a non-negative integer'));
}

/** A container that ended for good stays ended (ValidateContainerStateTransition, ValidateInitContainerStateTransition). */
function validateTransitions(
  errors: Errors,
  path: FieldPath,
  status: corev1.PodStatus,
  old: corev1.PodStatus,
  spec: corev1.PodSpec,
): void {
  const containers = new Map([...(spec.containers ?? []), ...(spec.initContainers ?? [])].map((c) => [c.name, c]));
  for (const list of statusLists) {
    for (const [index, before] of (old[list] ?? []).entries()) {
      const ended = before.state?.terminated;
      if (!ended) continue;
      // Ephemeral containers never start again.
      const mayRestart = list !== 'ephemeralContainerStatuses';
      if (mayRestart && startsAgain(spec, containers.get(before.name), ended.exitCode)) continue;
      const now = (status[list] ?? []).find(({ name }) => name === before.name);
      if (now && !now.state?.terminated)
        errors.push(
          fieldErrors.forbidden(
            path.child(list).index(index).child('state'),
            'may not be transitioned to non-terminated state',
          ),
        );
    }
  }
}

function validateClaimStatuses(errors: Errors, path: FieldPath, status: corev1.PodStatus, spec: corev1.PodSpec): void {
  const seen = new Set<string>();
  for (const [index, { name, resourceClaimName }] of (status.resourceClaimStatuses ?? []).entries()) {
    const namePath = path.index(index).child('name');
    if (!(spec.resourceClaims ?? []).some((claim) => claim.name === name))
      errors.push(fieldErrors.invalid(namePath, name, 'must match the name of an entry in `spec.resourceClaims`'));
    if (seen.has(name)) errors.push(fieldErrors.duplicate(namePath, name));
    seen.add(name);
    if (resourceClaimName !== undefined) checkText(errors, namePath, resourceClaimName, validateDns1123Subdomain);
  }
}

/** At most one address per family; what stands there already may stay in the form that it has. */
function validateAddresses(
  errors: Errors,
  path: FieldPath,
  addresses: readonly { readonly ip?: string }[],
  old: readonly { readonly ip?: string }[],
): void {
  const existing = old.map(({ ip = '' }) => ip);
  for (const [index, { ip = '' }] of addresses.entries())
    checkText(errors, path.index(index), ip, (text) => legacyIpMessages(text, existing));
  if (addresses.length < 2) return;
  const wrong = addresses.findIndex(({ ip }) => parseIp(ip ?? '') === undefined);
  if (wrong >= 0)
    errors.push(
      fieldErrors.internal(path, `failed to check for dual stack with error:invalid IP[${String(wrong)}]: <nil>`),
    );
  if (wrong >= 0 || new Set(addresses.map(({ ip = '' }) => familyOf(ip))).size < 2 || addresses.length > 2)
    errors.push(
      fieldErrors.invalid(
        path,
        addresses.map(({ ip = '' }) => ({ IP: ip })),
        'may specify no more than one IP for each IP family',
      ),
    );
}

function validateUsers(
  errors: Errors,
  path: FieldPath,
  statuses: readonly corev1.ContainerStatus[],
  spec: corev1.PodSpec,
): void {
  for (const [index, { user }] of statuses.entries()) {
    if (!user?.linux) continue;
    const userPath = path.index(index).child('linux');
    if (spec.os?.name === 'windows') {
      errors.push(fieldErrors.forbidden(userPath, 'cannot be set for a windows pod'));
      continue;
    }
    const ids: readonly (readonly [FieldPath, number])[] = [
      [userPath.child('uid'), user.linux.uid],
      [userPath.child('gid'), user.linux.gid],
      ...(user.linux.supplementalGroups ?? []).map(
        (id, i) => [userPath.child('supplementalGroups').index(i), id] as const,
      ),
    ];
    for (const [idPath, id] of ids)
      for (const message of validateUserId(id)) errors.push(fieldErrors.invalid(idPath, id, message));
  }
}
