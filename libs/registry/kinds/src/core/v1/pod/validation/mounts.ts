import { type FieldPath, fieldErrors } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import type { Errors } from '../../../../field-checks';
import type { AnyContainer } from '../container.defaults';
import { checkDescendingPath, hasBacksteps } from './paths';
import type { PodContext } from './pod-context';

const propagations = ['Bidirectional', 'HostToContainer', 'None'];
const recursiveReadOnly = ['Disabled', 'Enabled', 'IfPossible'];

/** ValidateVolumeMounts; some of its rules point at the list instead of the mount. */
export function validateMounts(errors: Errors, path: FieldPath, container: AnyContainer, context: PodContext): void {
  const mounts = container.volumeMounts ?? [];
  const devices = container.volumeDevices ?? [];
  const paths = new Set<string>();
  for (const [index, mount] of mounts.entries()) {
    const mountPath = path.index(index);
    const volume = context.volumes.get(mount.name);
    if (!mount.name) errors.push(fieldErrors.required(mountPath.child('name')));
    if (volume === undefined) errors.push(fieldErrors.notFound(mountPath.child('name'), mount.name ?? ''));
    if (!mount.mountPath) errors.push(fieldErrors.required(mountPath.child('mountPath')));
    if (paths.has(mount.mountPath))
      errors.push(fieldErrors.invalid(mountPath.child('mountPath'), mount.mountPath, 'must be unique'));
    paths.add(mount.mountPath);
    if (devices.some(({ name }) => name === mount.name))
      errors.push(fieldErrors.invalid(mountPath.child('name'), mount.name, 'must not already exist in volumeDevices'));
    if (devices.some(({ devicePath }) => devicePath === mount.mountPath))
      errors.push(
        fieldErrors.invalid(
          mountPath.child('mountPath'),
          mount.mountPath,
          'must not already exist as a path in volumeDevices',
        ),
      );
    validateSubPath(errors, path, mountPath, mount);
    validatePropagation(errors, path.child('mountPropagation'), mount, container);
    validateRecursiveReadOnly(errors, path.child('recursiveReadOnly'), mount);
  }
}

function validateSubPath(errors: Errors, path: FieldPath, mountPath: FieldPath, mount: corev1.VolumeMount): void {
  if (mount.subPath) checkDescendingPath(errors, path.child('subPath'), mount.subPath);
  if (!mount.subPathExpr) return;
  if (mount.subPath)
    errors.push(
      fieldErrors.invalid(
        mountPath.child('subPathExpr'),
        mount.subPathExpr,
        'subPathExpr and subPath are mutually exclusive',
      ),
    );
  checkDescendingPath(errors, path.child('subPathExpr'), mount.subPathExpr);
}

function validatePropagation(
  errors: Errors,
  path: FieldPath,
  mount: corev1.VolumeMount,
  container: AnyContainer,
): void {
  const propagation = mount.mountPropagation;
  if (propagation === undefined) return;
  if (!propagations.includes(propagation)) errors.push(fieldErrors.notSupported(path, propagation, propagations));
  if (propagation === 'Bidirectional' && container.securityContext?.privileged !== true)
    errors.push(
      fieldErrors.forbidden(path, 'Bidirectional mount propagation is available only to privileged containers'),
    );
}

function validateRecursiveReadOnly(errors: Errors, path: FieldPath, mount: corev1.VolumeMount): void {
  const mode = mount.recursiveReadOnly;
  if (mode === undefined || mode === 'Disabled') return;
  if (!recursiveReadOnly.includes(mode)) {
    errors.push(fieldErrors.notSupported(path, mode, recursiveReadOnly));
    return;
  }
  if (mount.readOnly !== true) errors.push(fieldErrors.forbidden(path, 'may only be specified when readOnly is true'));
  if (mount.mountPropagation !== undefined && mount.mountPropagation !== 'None')
    errors.push(fieldErrors.forbidden(path, 'may only be specified when mountPropagation is None or not specified'));
}

/** ValidateVolumeDevices: raw block devices, which only claims can be. */
export function validateDevices(errors: Errors, path: FieldPath, container: AnyContainer, context: PodContext): void {
  const mounts = container.volumeMounts ?? [];
  const names = new Set<string>();
  const paths = new Set<string>();
  for (const [index, device] of (container.volumeDevices ?? []).entries()) {
    const namePath = path.index(index).child('name');
    const devicePathPath = path.index(index).child('devicePath');
    const { name, devicePath } = device;
    const volume = context.volumes.get(name);
    if (!name) errors.push(fieldErrors.required(namePath));
    if (names.has(name)) errors.push(fieldErrors.invalid(namePath, name, 'must be unique'));
    if (volume === undefined) errors.push(fieldErrors.notFound(namePath, name));
    else if (!volume.persistentVolumeClaim && !volume.ephemeral)
      errors.push(
        fieldErrors.invalid(
          namePath,
          name,
          'can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode',
        ),
      );
    if (!devicePath) errors.push(fieldErrors.required(devicePathPath));
    if (paths.has(devicePath)) errors.push(fieldErrors.invalid(devicePathPath, devicePath, 'must be unique'));
    if (devicePath && hasBacksteps(devicePath))
      errors.push(fieldErrors.invalid(devicePathPath, devicePath, "can not contain backsteps ('..')"));
    else paths.add(devicePath);
    if (mounts.some((mount) => mount.name === name))
      errors.push(fieldErrors.invalid(namePath, name, 'must not already exist in volumeMounts'));
    if (mounts.some((mount) => mount.mountPath === devicePath))
      errors.push(fieldErrors.invalid(devicePathPath, devicePath, 'must not already exist as a path in volumeMounts'));
    if (name) names.add(name);
  }
}
