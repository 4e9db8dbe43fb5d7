import type { corev1 } from '@reckon/api/types';
import type { Strategy } from '@reckon/registry/generic';
import { keepSpec, keepStatus } from '../../status-keeping';
import { roundResourceList } from './resource-list';
import {
  validateResourceQuota,
  validateResourceQuotaStatus,
  validateResourceQuotaUpdate,
} from './resource-quota.validation';

/** Quantities are rounded like those of every resource list (SetObjectDefaults_ResourceQuota). */
function setResourceQuotaDefaults({ spec, status }: corev1.ResourceQuota): void {
  roundResourceList(spec?.hard);
  roundResourceList(status?.hard);
  roundResourceList(status?.used);
}

export const resourceQuotaStrategy: Strategy<corev1.ResourceQuota> = {
  returnsDeletedObject: true,
  defaults: setResourceQuotaDefaults,
  prepareForCreate: (_ctx, quota) => {
    quota.status = {};
  },
  validate: (_ctx, quota) => validateResourceQuota(quota),
  prepareForUpdate: (_ctx, quota, old) => keepStatus(quota, old),
  validateUpdate: (_ctx, quota, old) => validateResourceQuotaUpdate(quota, old),
};

export const resourceQuotaStatusStrategy: Strategy<corev1.ResourceQuota> = {
  defaults: setResourceQuotaDefaults,
  prepareForUpdate: (_ctx, quota, old) => keepSpec(quota, old),
  validateUpdate: (_ctx, quota) => validateResourceQuotaStatus(quota),
};
