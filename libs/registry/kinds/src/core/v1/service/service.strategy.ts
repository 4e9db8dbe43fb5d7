import { nameIsDnsLabel } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import type { Strategy } from '@reckon/registry/generic';
import { nameRule } from '../../../name-rule';
import { keepSpec } from '../../../status-keeping';
import { addressChanges } from './address-objects';
import { settleIpFamilies } from './ip-families';
import { dropFieldsOfOldType, keepAllocated, linkClusterIps, relinkClusterIps } from './linked-fields';
import { type AllocationOptions, ServiceAllocation } from './service-allocation';
import { setServiceDefaults } from './service.defaults';
import { validateService } from './service.validation';
import { validateServiceStatus, validateServiceUpdate } from './service-update.validation';
import { serviceWarnings, statusWarnings } from './service.warnings';

/** The strategies of services of one cluster; they share what is allocated. */
export function serviceStrategies(options: AllocationOptions): {
  readonly strategy: Strategy<corev1.Service>;
  readonly status: Strategy<corev1.Service>;
} {
  const allocation = new ServiceAllocation(options);
  const families = options.addresses.map(({ family }) => family);
  return {
    strategy: {
      allowCreateOnUpdate: true,
      returnsDeletedObject: true,
      defaults: setServiceDefaults,
      nameRule: nameRule(nameIsDnsLabel),
      prepareForCreate: (_ctx, service) => {
        service.status = { loadBalancer: {} };
        linkClusterIps((service.spec ??= {}));
        settleIpFamilies(service, undefined, families);
      },
      validate: (_ctx, service) => validateService([], service, undefined),
      warningsOnCreate: (_ctx, service) => serviceWarnings(service),
      prepareForUpdate: (_ctx, service, old) => {
        const before = old.spec ?? {};
        const spec = (service.spec ??= {});
        keepAllocated(spec, before);
        relinkClusterIps(spec, before);
        settleIpFamilies(service, old, families);
        // A copy: the next step may clear a part of it.
        service.status = { ...old.status };
        dropFieldsOfOldType(service, before);
      },
      validateUpdate: (_ctx, service, old) => validateServiceUpdate(service, old),
      warningsOnUpdate: (_ctx, service) => serviceWarnings(service),
      decide: (ctx, storage, service, old) => {
        if (service !== undefined) allocation.allocate(storage, service, old);
        return addressChanges({ ctx, storage, random: options.random }, service, old);
      },
    },
    status: {
      defaults: setServiceDefaults,
      prepareForUpdate: (_ctx, service, old) => keepSpec(service, old),
      validateUpdate: (_ctx, service, old) => validateServiceStatus(service, old),
      warningsOnUpdate: (_ctx, service) => statusWarnings(service),
    },
  };
}
