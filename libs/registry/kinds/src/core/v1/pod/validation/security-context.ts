import { type FieldPath, fieldErrors, validateUserId } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import { checkOptionalOneOf, type Errors } from '../../../../field-checks';
import { internalForm } from '../internal-form';
import type { PodContext } from './pod-context';
import { validateAppArmor, validateSeccomp } from './profiles';
import { validateWindowsOptions } from './windows-options';

const groupChangePolicies = ['Always', 'OnRootMismatch'];
const supplementalPolicies = ['Merge', 'Strict'];
const seLinuxChangePolicies = ['MountOption', 'Recursive'];
const procMounts = ['Default', 'Unmasked'];

/** Numbers of users and of groups have one range. */
function checkId(errors: Errors, path: FieldPath, id: number | undefined): void {
  if (id === undefined) return;
  for (const message of validateUserId(id)) errors.push(fieldErrors.invalid(path, id, message));
}

/** ValidateSecurityContext of a container. */
export function validateSecurityContext(
  errors: Errors,
  path: FieldPath,
  security: corev1.SecurityContext,
  context: PodContext,
): void {
  checkId(errors, path.child('runAsUser'), security.runAsUser);
  checkId(errors, path.child('runAsGroup'), security.runAsGroup);
  const procMount = security.procMount;
  if (procMount !== undefined) {
    if (!procMounts.includes(procMount))
      errors.push(fieldErrors.notSupported(path.child('procMount'), procMount, procMounts));
    if (procMount === 'Unmasked' && context.sharesHostUsers)
      errors.push(
        fieldErrors.invalid(path.child('procMount'), procMount, '`hostUsers` must be false to use `Unmasked`'),
      );
  }
  if (security.seccompProfile) validateSeccomp(errors, path.child('seccompProfile'), security.seccompProfile);
  if (security.allowPrivilegeEscalation === false) {
    const contradiction = (text: string): void => {
      errors.push(fieldErrors.invalid(path, internalForm('SecurityContext', security), text));
    };
    if (security.privileged === true)
      contradiction('cannot set `allowPrivilegeEscalation` to false and `privileged` to true');
    for (const capability of security.capabilities?.add ?? [])
      if (capability === 'CAP_SYS_ADMIN')
        contradiction('cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN');
  }
  if (security.windowsOptions) validateWindowsOptions(errors, path.child('windowsOptions'), security.windowsOptions);
  if (security.appArmorProfile) validateAppArmor(errors, path.child('appArmorProfile'), security.appArmorProfile);
}

/** `validatePodSpecSecurityContext`. */
export function validatePodSecurityContext(
  errors: Errors,
  path: FieldPath,
  spec: corev1.PodSpec,
  context: PodContext,
): void {
  const security = spec.securityContext;
  if (!security) return;
  checkId(errors, path.child('fsGroup'), security.fsGroup);
  checkId(errors, path.child('runAsUser'), security.runAsUser);
  checkId(errors, path.child('runAsGroup'), security.runAsGroup);
  for (const [index, group] of (security.supplementalGroups ?? []).entries())
    checkId(errors, path.child('supplementalGroups').index(index), group);
  if (spec.shareProcessNamespace === true && spec.hostPID === true)
    errors.push(
      fieldErrors.invalid(
        path.child('shareProcessNamespace'),
        true,
        'ShareProcessNamespace and HostPID cannot both be enabled',
      ),
    );
  if (security.sysctls) validateSysctls(errors, path.child('sysctls'), security.sysctls, spec, context);
  checkOptionalOneOf(errors, path.child('fsGroupChangePolicy'), security.fsGroupChangePolicy, groupChangePolicies);
  if (security.seccompProfile) validateSeccomp(errors, path.child('seccompProfile'), security.seccompProfile);
  if (security.windowsOptions) validateWindowsOptions(errors, path.child('windowsOptions'), security.windowsOptions);
  if (security.appArmorProfile) validateAppArmor(errors, path.child('appArmorProfile'), security.appArmorProfile);
  checkOptionalOneOf(
    errors,
    path.child('supplementalGroupsPolicy'),
    security.supplementalGroupsPolicy,
    supplementalPolicies,
  );
  checkOptionalOneOf(
    errors,
    path.child('seLinuxChangePolicy'),
    security.seLinuxChangePolicy,
    context.tolerated.mountOptionLabels ? seLinuxChangePolicies : ['Recursive'],
  );
}

const longestSysctl = 253;
const sysctlPattern = '^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$';
const sysctlSegment = /^[a-z0-9](?:[-_a-z0-9]*[a-z0-9])?$/;

/** `validateSysctls`: well formed, once each, and not of a namespace that is the host's. */
function validateSysctls(
  errors: Errors,
  path: FieldPath,
  sysctls: readonly corev1.Sysctl[],
  spec: corev1.PodSpec,
  context: PodContext,
): void {
  const seen = new Set<string>();
  for (const [index, { name }] of sysctls.entries()) {
    const namePath = path.index(index).child('name');
    if (!name) errors.push(fieldErrors.required(namePath));
    else if (name.length > longestSysctl || !name.split(/[./]/).every((part) => sysctlSegment.test(part)))
      errors.push(
        fieldErrors.invalid(
          namePath,
          name,
          `must have at most ${String(longestSysctl)} characters and match regex ${sysctlPattern}`,
        ),
      );
    else if (seen.has(name)) errors.push(fieldErrors.duplicate(namePath, name));
    if (!context.tolerated.hostSysctls) {
      const namespace = sysctlNamespace(name ?? '');
      if (spec.hostNetwork === true && namespace === 'net')
        errors.push(fieldErrors.invalid(namePath, name, "may not be specified when 'hostNetwork' is true"));
      else if (spec.hostIPC === true && namespace === 'ipc')
        errors.push(fieldErrors.invalid(namePath, name, "may not be specified when 'hostIPC' is true"));
    }
    seen.add(name);
  }
}

/** Which kernel namespace a setting belongs to (k8s.io/component-helpers/node/util/sysctl). */
export function sysctlNamespace(name: string): 'net' | 'ipc' | undefined {
  // With slashes the first separator decides how the rest is read; only the start matters here.
  const dotted = name.includes('/') && name.indexOf('/') < (name + '.').indexOf('.') ? name.replaceAll('/', '.') : name;
  if (dotted.startsWith('net.')) return 'net';
  if (dotted === 'kernel.sem' || /^(?:kernel\.shm|kernel\.msg|fs\.mqueue\.)/.test(dotted)) return 'ipc';
  return undefined;
}
