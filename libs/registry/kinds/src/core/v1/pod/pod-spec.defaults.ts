import type { corev1 } from '@reckon/api/types';
import { roundResourceList } from '../resource-list';
import { setContainerDefaults } from './container.defaults';
import { setVolumeDefaults } from './volume.defaults';

/** SetDefaults_PodSpec and everything below it: what pods and pod templates get alike. */
export function setPodSpecDefaults(spec: corev1.PodSpec): void {
  for (const volume of spec.volumes ?? []) setVolumeDefaults(volume);
  for (const container of spec.initContainers ?? []) setContainerDefaults(container);
  for (const container of spec.containers ?? []) setContainerDefaults(container);
  for (const container of spec.ephemeralContainers ?? []) setContainerDefaults(container);
  if (!spec.restartPolicy) spec.restartPolicy = 'Always';
  spec.terminationGracePeriodSeconds ??= 30;
  if (!spec.dnsPolicy) spec.dnsPolicy = 'ClusterFirst';
  spec.securityContext ??= {};
  if (!spec.schedulerName) spec.schedulerName = 'default-scheduler';
  roundResourceList(spec.overhead);
  if (spec.resources) {
    roundResourceList(spec.resources.limits);
    roundResourceList(spec.resources.requests);
  }
  keepServiceAccountInStep(spec);
  // Behind a gate that is off (GenericWorkload): taken and forgotten, as upstream does.
  if (spec.schedulingGroup) delete spec.schedulingGroup;
}

/** `serviceAccount` is the deprecated name of `serviceAccountName`; both are always shown and the new name wins. */
function keepServiceAccountInStep(spec: corev1.PodSpec): void {
  if (spec.serviceAccountName) {
    // Nothing is written where nothing changes: what a patch leaves alone is the stored object's.
    if (spec.serviceAccount !== spec.serviceAccountName) spec.serviceAccount = spec.serviceAccountName;
  } else if (spec.serviceAccount) spec.serviceAccountName = spec.serviceAccount;
}

/** For `spec.template` of workloads. */
export function setPodTemplateDefaults(template: corev1.PodTemplateSpec): void {
  setPodSpecDefaults((template.spec ??= { containers: [] }));
}
