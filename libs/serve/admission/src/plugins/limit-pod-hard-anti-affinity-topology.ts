import { admissionForbidden } from '../admission-forbidden';
import type { AdmissionPlugin } from '../plugin';
import { podOf } from '../target';

const hostname = 'kubernetes.io/hostname';

/** A pod may keep others off its node, not off whole zones (plugin/pkg/admission/antiaffinity). */
export const limitPodHardAntiAffinityTopology: AdmissionPlugin = {
  name: 'LimitPodHardAntiAffinityTopology',
  handles: (operation) => operation === 'CREATE' || operation === 'UPDATE',
  validate(attributes) {
    const terms = podOf(attributes)?.spec?.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
    const wide = terms?.find(({ topologyKey }) => topologyKey !== hostname);
    if (wide !== undefined)
      throw admissionForbidden(
        attributes,
        `affinity.PodAntiAffinity.RequiredDuringScheduling has TopologyKey ${wide.topologyKey} but only key ${hostname} is allowed`,
      );
  },
};
