import { timeText } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import type { Strategy } from '@reckon/registry/generic';
import { keepSpec, keepStatus } from '../../../status-keeping';
import { setPersistentVolumeDefaults } from './persistent-volume.defaults';
import {
  validatePersistentVolume,
  validatePersistentVolumeStatus,
  validatePersistentVolumeUpdate,
} from './persistent-volume.validation';
import { persistentVolumeWarnings } from './persistent-volume.warnings';

export const persistentVolumeStrategy: Strategy<corev1.PersistentVolume> = {
  defaults: setPersistentVolumeDefaults,
  returnsDeletedObject: true,
  prepareForCreate: (ctx, volume) => {
    volume.status = { phase: 'Pending', lastPhaseTransitionTime: timeText(ctx.nowMs) };
  },
  validate: (_ctx, volume) => validatePersistentVolume(volume),
  warningsOnCreate: (_ctx, volume) => persistentVolumeWarnings(volume),
  prepareForUpdate: (_ctx, volume, old) => keepStatus(volume, old),
  validateUpdate: (_ctx, volume, old) => validatePersistentVolumeUpdate(volume, old),
  warningsOnUpdate: (_ctx, volume) => persistentVolumeWarnings(volume),
};

export const persistentVolumeStatusStrategy: Strategy<corev1.PersistentVolume> = {
  defaults: setPersistentVolumeDefaults,
  prepareForUpdate: (ctx, volume, old) => {
    keepSpec(volume, old);
    timeTransition((volume.status ??= {}), old.status ?? {}, timeText(ctx.nowMs));
  },
  validateUpdate: (_ctx, volume) => validatePersistentVolumeStatus(volume),
};

/** When the phase changed last, unless whoever changes it says so. */
function timeTransition(status: corev1.PersistentVolumeStatus, old: corev1.PersistentVolumeStatus, now: string): void {
  const { lastPhaseTransitionTime: time } = status;
  if (status.phase !== old.phase) {
    if (time === undefined || time === old.lastPhaseTransitionTime) status.lastPhaseTransitionTime = now;
  } else if (time === undefined && old.lastPhaseTransitionTime !== undefined)
    status.lastPhaseTransitionTime = old.lastPhaseTransitionTime;
}
