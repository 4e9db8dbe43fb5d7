import { type FieldPath, fieldErrors } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import type { Errors } from '../../../../field-checks';
import { forEachContainer } from './each-container';
import type { Tolerated } from './pod-context';

const systems = ['linux', 'windows'];
const notOnWindows = 'cannot be set for a windows pod';
const notOnLinux = 'windows options cannot be set for a linux pod';

/** `validateOS`, then what the other system's kernel does not know (validateLinux, validateWindows). */
export function validateOperatingSystem(errors: Errors, path: FieldPath, spec: corev1.PodSpec): void {
  const name = spec.os?.name;
  if (spec.os === undefined) return;
  if (!name) {
    errors.push(fieldErrors.required(path.child('os', 'name'), 'cannot be empty'));
    return;
  }
  if (!systems.includes(name)) errors.push(fieldErrors.notSupported(path.child('os'), name, systems));
  else if (name === 'linux') validateLinux(errors, path, spec);
  else validateWindows(errors, path, spec);
}

function validateLinux(errors: Errors, path: FieldPath, spec: corev1.PodSpec): void {
  if (spec.securityContext?.windowsOptions)
    errors.push(fieldErrors.forbidden(path.child('securityContext', 'windowsOptions'), notOnLinux));
  forEachContainer(spec, path, (container, containerPath) => {
    if (container.securityContext?.windowsOptions)
      errors.push(fieldErrors.forbidden(containerPath.child('securityContext', 'windowsOptions'), notOnLinux));
  });
}

const podFields = [
  'appArmorProfile',
  'seLinuxOptions',
  'seccompProfile',
  'fsGroup',
  'fsGroupChangePolicy',
  'sysctls',
  'runAsUser',
  'runAsGroup',
  'supplementalGroups',
  'supplementalGroupsPolicy',
  'seLinuxChangePolicy',
] as const satisfies readonly (keyof corev1.PodSecurityContext)[];

const containerFields = [
  'appArmorProfile',
  'seLinuxOptions',
  'seccompProfile',
  'capabilities',
  'readOnlyRootFilesystem',
  'privileged',
  'allowPrivilegeEscalation',
  'procMount',
  'runAsUser',
  'runAsGroup',
] as const satisfies readonly (keyof corev1.SecurityContext)[];

function validateWindows(errors: Errors, path: FieldPath, spec: corev1.PodSpec): void {
  const forbid = (at: FieldPath): void => {
    errors.push(fieldErrors.forbidden(at, notOnWindows));
  };
  const security = spec.securityContext;
  if (security?.appArmorProfile) forbid(path.child('securityContext', 'appArmorProfile'));
  if (security?.seLinuxOptions) forbid(path.child('securityContext', 'seLinuxOptions'));
  if (spec.hostUsers !== undefined) forbid(path.child('hostUsers'));
  if (spec.hostPID === true) forbid(path.child('hostPID'));
  if (spec.hostIPC === true) forbid(path.child('hostIPC'));
  for (const field of podFields) {
    if (field === 'appArmorProfile' || field === 'seLinuxOptions') continue;
    if (field === 'runAsUser' && spec.shareProcessNamespace !== undefined) forbid(path.child('shareProcessNamespace'));
    const value = security?.[field];
    if (value !== undefined && !(field === 'sysctls' && Array.isArray(value) && value.length === 0))
      forbid(path.child('securityContext', field));
  }
  forEachContainer(spec, path, (container, containerPath) => {
    for (const field of containerFields)
      if (container.securityContext?.[field] !== undefined) forbid(containerPath.child('securityContext', field));
  });
}

/** Host process containers come all or none, and on the host's network (validateWindowsHostProcessPod). */
export function validateHostProcess(errors: Errors, path: FieldPath, spec: corev1.PodSpec): void {
  const ofPod = spec.securityContext?.windowsOptions?.hostProcess;
  let containers = 0;
  let hostProcesses = 0;
  forEachContainer(spec, path, (container, containerPath) => {
    containers++;
    const own = container.securityContext?.windowsOptions?.hostProcess;
    if (ofPod !== undefined && own !== undefined && ofPod !== own)
      errors.push(
        fieldErrors.invalid(
          containerPath.child('securityContext', 'windowsOptions', 'hostProcess'),
          own,
          `pod hostProcess value must be identical if both are specified, was ${String(ofPod)}`,
        ),
      );
    if (own ?? ofPod) hostProcesses++;
  });
  if (hostProcesses === 0) return;
  if (hostProcesses !== containers)
    errors.push(
      fieldErrors.invalid(
        path,
        '',
        'If pod contains any hostProcess containers then all containers must be HostProcess containers',
      ),
    );
  if (spec.hostNetwork !== true)
    errors.push(
      fieldErrors.invalid(
        path.child('hostNetwork'),
        false,
        'hostNetwork must be true if pod contains any hostProcess containers',
      ),
    );
}

/** A user namespace of its own does not go with the host's others (validateHostUsers). */
export function validateHostUsers(
  errors: Errors,
  path: FieldPath,
  spec: corev1.PodSpec,
  tolerated: Pick<Tolerated, 'userNamespaceDevices'>,
): void {
  if (spec.hostUsers !== false) return;
  const detail = 'when `hostUsers` is false';
  if (spec.hostNetwork === true) errors.push(fieldErrors.forbidden(path.child('hostNetwork'), detail));
  // Upstream writes these two with a capital.
  if (spec.hostPID === true) errors.push(fieldErrors.forbidden(path.child('HostPID'), detail));
  if (spec.hostIPC === true) errors.push(fieldErrors.forbidden(path.child('HostIPC'), detail));
  if (tolerated.userNamespaceDevices) return;
  forEachContainer(spec, path, ({ volumeDevices }, containerPath) => {
    if ((volumeDevices ?? []).length > 0)
      errors.push(fieldErrors.forbidden(containerPath.child('volumeDevices'), detail));
  });
}
