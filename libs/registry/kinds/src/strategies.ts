import { type CelChecker, createAdmissionCel } from '@reckon/api/cel';
import type { Random } from '@reckon/kernel';
import { eraseStrategy, type Strategy } from '@reckon/registry/generic';
import { mutatingAdmissionPolicyStrategy } from './admissionregistration/v1/mutating-admission-policy.strategy';
import {
  mutatingAdmissionPolicyBindingStrategy,
  validatingAdmissionPolicyBindingStrategy,
} from './admissionregistration/v1/policy-binding.strategy';
import {
  validatingAdmissionPolicyStatusStrategy,
  validatingAdmissionPolicyStrategy,
} from './admissionregistration/v1/validating-admission-policy.strategy';
import {
  mutatingWebhookConfigurationStrategy,
  validatingWebhookConfigurationStrategy,
} from './admissionregistration/v1/webhook-configuration.strategy';
import { apiServiceStatusStrategy, apiServiceStrategy } from './apiregistration/v1/api-service.strategy';
import { definitionStrategies } from './apiextensions/v1/custom-resource-definition.strategy';
import { controllerRevisionStrategy } from './apps/v1/controller-revision.strategy';
import { daemonSetStatusStrategy, daemonSetStrategy } from './apps/v1/daemon-set.strategy';
import { deploymentStatusStrategy, deploymentStrategy } from './apps/v1/deployment.strategy';
import { replicaSetStatusStrategy, replicaSetStrategy } from './apps/v1/replica-set.strategy';
import {
  horizontalPodAutoscalerStatusStrategy,
  horizontalPodAutoscalerStrategy,
} from './autoscaling/v2/horizontal-pod-autoscaler.strategy';
import { cronJobStatusStrategy, cronJobStrategy } from './batch/v1/cron-job.strategy';
import { jobStatusStrategy, jobStrategy } from './batch/v1/job.strategy';
import { statefulSetStatusStrategy, statefulSetStrategy } from './apps/v1/stateful-set.strategy';
import { checkRules } from './apiextensions/schema/check-rules';
import { checkSelector } from './resource/v1/check-selector';
import { type CertificateReaders, noCertificateReaders } from './certificates/v1/certificate-readers';
import { certificateSigningRequestStrategies } from './certificates/v1/certificate-signing-request.strategy';
import { leaseStrategy } from './coordination/v1/lease.strategy';
import { configMapStrategy } from './core/v1/config-map.strategy';
import { endpointsStrategy } from './core/v1/endpoints.strategy';
import { eventStrategy } from './core/v1/event/event.strategy';
import { limitRangeStrategy } from './core/v1/limit-range.strategy';
import { namespaceFinalizeStrategy, namespaceStatusStrategy, namespaceStrategy } from './core/v1/namespace.strategy';
import { nodeStatusStrategy, nodeStrategy } from './core/v1/node/node.strategy';
import {
  persistentVolumeClaimStatusStrategy,
  persistentVolumeClaimStrategy,
} from './core/v1/persistent-volume-claim/persistent-volume-claim.strategy';
import {
  persistentVolumeStatusStrategy,
  persistentVolumeStrategy,
} from './core/v1/persistent-volume/persistent-volume.strategy';
import { podTemplateStrategy } from './core/v1/pod-template.strategy';
import { ephemeralContainersStrategy } from './core/v1/pod/ephemeral-containers.strategy';
import { evictionStrategy } from './core/v1/pod/eviction';
import { podStatusStrategy, podStrategy } from './core/v1/pod/pod.strategy';
import { resizeStrategy } from './core/v1/pod/resize.strategy';
import {
  replicationControllerStatusStrategy,
  replicationControllerStrategy,
} from './core/v1/replication-controller.strategy';
import { resourceQuotaStatusStrategy, resourceQuotaStrategy } from './core/v1/resource-quota.strategy';
import { secretStrategy } from './core/v1/secret.strategy';
import { serviceAccountStrategy } from './core/v1/service-account.strategy';
import { AddressRange } from './core/v1/service/address-range';
import { PortRange } from './core/v1/service/port-range';
import { serviceStrategies } from './core/v1/service/service.strategy';
import { endpointSliceStrategy } from './discovery/v1/endpoint-slice.strategy';
import { eventsEventStrategy } from './events/v1/event.strategy';
import { runtimeClassStrategy } from './node/v1/runtime-class.strategy';
import {
  podDisruptionBudgetStatusStrategy,
  podDisruptionBudgetStrategy,
} from './policy/v1/pod-disruption-budget.strategy';
import { flowSchemaStatusStrategy, flowSchemaStrategy } from './flowcontrol/v1/flow-schema.strategy';
import {
  priorityLevelConfigurationStatusStrategy,
  priorityLevelConfigurationStrategy,
} from './flowcontrol/v1/priority-level-configuration.strategy';
import { ingressClassStrategy } from './networking/v1/ingress-class.strategy';
import { ingressStatusStrategy, ingressStrategy } from './networking/v1/ingress.strategy';
import { ipAddressStrategy } from './networking/v1/ip-address.strategy';
import { networkPolicyStrategy } from './networking/v1/network-policy.strategy';
import { serviceCidrStatusStrategy, serviceCidrStrategy } from './networking/v1/service-cidr.strategy';
import { clusterRoleBindingStrategy } from './rbac/v1/cluster-role-binding.strategy';
import { clusterRoleStrategy } from './rbac/v1/cluster-role.strategy';
import { roleBindingStrategy } from './rbac/v1/role-binding.strategy';
import { roleStrategy } from './rbac/v1/role.strategy';
import { rbacGroup } from './rbac/v1/subject';
import { withFinalizerNames } from './finalizer-names';
import { deviceClassStrategy } from './resource/v1/device-class.strategy';
import { resourceClaimStrategies } from './resource/v1/resource-claim.strategy';
import { resourceClaimTemplateStrategy } from './resource/v1/resource-claim-template.strategy';
import { resourceSliceStrategy } from './resource/v1/resource-slice.strategy';
import { priorityClassStrategy } from './scheduling/v1/priority-class.strategy';
import { csiDriverStrategy } from './storage/v1/csi-driver.strategy';
import { csiNodeStrategy } from './storage/v1/csi-node.strategy';
import { csiStorageCapacityStrategy } from './storage/v1/csi-storage-capacity.strategy';
import { storageClassStrategy } from './storage/v1/storage-class.strategy';
import { volumeAttachmentStatusStrategy, volumeAttachmentStrategy } from './storage/v1/volume-attachment.strategy';
import { volumeAttributesClassStrategy } from './storage/v1/volume-attributes-class.strategy';

/** What a kind's store needs beside the row: the strategy of the object and those of its subresources, by their names. */
export interface KindStrategies {
  readonly strategy: Strategy;
  readonly subresources: Readonly<Record<string, Strategy>>;
}

export interface StrategyOptions {
  /** One network, or two of different families separated by a comma; the first is the primary. `10.96.0.0/12` */
  readonly serviceClusterIpRange: string;
  /** Both ends are given out. */
  readonly serviceNodePorts: { readonly low: number; readonly high: number };
  readonly random: Random;
  /** Says what is wrong with the expressions of policies and webhooks; this lib's own checker unless given. */
  readonly cel?: CelChecker;
  /** Read what certificate signing requests hold; absent: they are taken as they are. */
  readonly certificates?: CertificateReaders;
}

export const defaultServiceClusterIpRange = '10.96.0.0/12';
export const defaultServiceNodePorts = { low: 30_000, high: 32_767 };

/** The strategies of one cluster. */
export interface StrategyTable {
  /** Undefined for a kind that has no rules of its own here. */
  of(group: string, resource: string): KindStrategies | undefined;
  /** `group/resource` of every kind in the table; the core group is ''. */
  keys(): readonly string[];
}

const admissionGroup = 'admissionregistration.k8s.io';

const flowGroup = 'flowcontrol.apiserver.k8s.io';

/** A strategy of any type; the row that it is found by guarantees the type. */
const kind = <T>(strategy: Strategy<T>, subresources: Readonly<Record<string, Strategy<T>>> = {}): KindStrategies => ({
  strategy: withFinalizerNames(eraseStrategy(strategy)),
  subresources: Object.fromEntries(
    Object.entries(subresources).map(([name, subresource]) => [name, withFinalizerNames(eraseStrategy(subresource))]),
  ),
});

/** As `kind`, for groups whose validation takes finalizers of any qualified name (apimachinery's own `ValidateObjectMeta`). */
const looseKind = <T>(
  strategy: Strategy<T>,
  subresources: Readonly<Record<string, Strategy<T>>> = {},
): KindStrategies => ({
  strategy: eraseStrategy(strategy),
  subresources: Object.fromEntries(
    Object.entries(subresources).map(([name, subresource]) => [name, eraseStrategy(subresource)]),
  ),
});

/** One line per kind: adding a kind is a row of the kinds table and a line here. */
export function createStrategies(options: StrategyOptions): StrategyTable {
  const { random, serviceNodePorts } = options;
  const services = serviceStrategies({
    addresses: options.serviceClusterIpRange.split(',').map((cidr) => new AddressRange(cidr)),
    nodePorts: new PortRange(serviceNodePorts.low, serviceNodePorts.high),
    random,
  });
  const { cel = createAdmissionCel() } = options;
  const requests = certificateSigningRequestStrategies(options.certificates ?? noCertificateReaders);
  const definitions = definitionStrategies(checkRules);
  const claims = resourceClaimStrategies(checkSelector);
  const table = new Map<string, KindStrategies>([
    ['/configmaps', kind(configMapStrategy)],
    ['/endpoints', kind(endpointsStrategy)],
    ['/events', kind(eventStrategy)],
    ['/limitranges', kind(limitRangeStrategy(random))],
    ['/namespaces', kind(namespaceStrategy, { status: namespaceStatusStrategy, finalize: namespaceFinalizeStrategy })],
    ['/nodes', kind(nodeStrategy, { status: nodeStatusStrategy })],
    ['/persistentvolumeclaims', kind(persistentVolumeClaimStrategy, { status: persistentVolumeClaimStatusStrategy })],
    ['/persistentvolumes', kind(persistentVolumeStrategy, { status: persistentVolumeStatusStrategy })],
    [
      '/pods',
      kind(podStrategy, {
        status: podStatusStrategy,
        ephemeralcontainers: ephemeralContainersStrategy,
        eviction: evictionStrategy,
        resize: resizeStrategy,
      }),
    ],
    ['/podtemplates', kind(podTemplateStrategy)],
    ['/replicationcontrollers', kind(replicationControllerStrategy, { status: replicationControllerStatusStrategy })],
    ['/resourcequotas', kind(resourceQuotaStrategy, { status: resourceQuotaStatusStrategy })],
    ['/secrets', kind(secretStrategy)],
    ['/serviceaccounts', kind(serviceAccountStrategy)],
    ['/services', kind(services.strategy, { status: services.status })],
    [`${admissionGroup}/mutatingadmissionpolicies`, looseKind(mutatingAdmissionPolicyStrategy(cel))],
    [`${admissionGroup}/mutatingadmissionpolicybindings`, looseKind(mutatingAdmissionPolicyBindingStrategy)],
    [`${admissionGroup}/mutatingwebhookconfigurations`, looseKind(mutatingWebhookConfigurationStrategy(cel))],
    [
      `${admissionGroup}/validatingadmissionpolicies`,
      looseKind(validatingAdmissionPolicyStrategy(cel), { status: validatingAdmissionPolicyStatusStrategy }),
    ],
    [`${admissionGroup}/validatingadmissionpolicybindings`, looseKind(validatingAdmissionPolicyBindingStrategy)],
    [`${admissionGroup}/validatingwebhookconfigurations`, looseKind(validatingWebhookConfigurationStrategy(cel))],
    ['apiregistration.k8s.io/apiservices', looseKind(apiServiceStrategy, { status: apiServiceStatusStrategy })],
    // Checked by apiextensions itself, which takes any qualified finalizer.
    [
      'apiextensions.k8s.io/customresourcedefinitions',
      {
        strategy: eraseStrategy(definitions.strategy),
        subresources: { status: eraseStrategy(definitions.status) },
      },
    ],
    ['apps/controllerrevisions', kind(controllerRevisionStrategy)],
    ['apps/daemonsets', kind(daemonSetStrategy, { status: daemonSetStatusStrategy })],
    ['apps/deployments', kind(deploymentStrategy, { status: deploymentStatusStrategy })],
    ['apps/replicasets', kind(replicaSetStrategy, { status: replicaSetStatusStrategy })],
    ['apps/statefulsets', kind(statefulSetStrategy, { status: statefulSetStatusStrategy })],
    [
      'autoscaling/horizontalpodautoscalers',
      kind(horizontalPodAutoscalerStrategy, { status: horizontalPodAutoscalerStatusStrategy }),
    ],
    ['batch/cronjobs', kind(cronJobStrategy, { status: cronJobStatusStrategy })],
    ['batch/jobs', kind(jobStrategy, { status: jobStatusStrategy })],
    [
      'certificates.k8s.io/certificatesigningrequests',
      kind(requests.strategy, { status: requests.status, approval: requests.approval }),
    ],
    // The one kind whose finalizers may have any qualified name.
    ['coordination.k8s.io/leases', { strategy: eraseStrategy(leaseStrategy), subresources: {} }],
    ['discovery.k8s.io/endpointslices', kind(endpointSliceStrategy)],
    ['events.k8s.io/events', kind(eventsEventStrategy)],
    ['node.k8s.io/runtimeclasses', kind(runtimeClassStrategy)],
    [`${flowGroup}/flowschemas`, kind(flowSchemaStrategy, { status: flowSchemaStatusStrategy })],
    [
      `${flowGroup}/prioritylevelconfigurations`,
      kind(priorityLevelConfigurationStrategy, { status: priorityLevelConfigurationStatusStrategy }),
    ],
    ['networking.k8s.io/ingressclasses', kind(ingressClassStrategy)],
    ['networking.k8s.io/ingresses', kind(ingressStrategy, { status: ingressStatusStrategy })],
    ['networking.k8s.io/ipaddresses', kind(ipAddressStrategy)],
    ['networking.k8s.io/networkpolicies', kind(networkPolicyStrategy)],
    ['networking.k8s.io/servicecidrs', kind(serviceCidrStrategy, { status: serviceCidrStatusStrategy })],
    ['policy/poddisruptionbudgets', kind(podDisruptionBudgetStrategy, { status: podDisruptionBudgetStatusStrategy })],
    [`${rbacGroup}/clusterrolebindings`, kind(clusterRoleBindingStrategy)],
    [`${rbacGroup}/clusterroles`, kind(clusterRoleStrategy)],
    [`${rbacGroup}/rolebindings`, kind(roleBindingStrategy)],
    [`${rbacGroup}/roles`, kind(roleStrategy)],
    ['resource.k8s.io/deviceclasses', kind(deviceClassStrategy(checkSelector))],
    ['resource.k8s.io/resourceclaims', kind(claims.strategy, { status: claims.status })],
    ['resource.k8s.io/resourceclaimtemplates', kind(resourceClaimTemplateStrategy(checkSelector))],
    ['resource.k8s.io/resourceslices', kind(resourceSliceStrategy)],
    ['scheduling.k8s.io/priorityclasses', kind(priorityClassStrategy)],
    ['storage.k8s.io/csidrivers', kind(csiDriverStrategy)],
    ['storage.k8s.io/csinodes', kind(csiNodeStrategy)],
    ['storage.k8s.io/csistoragecapacities', kind(csiStorageCapacityStrategy)],
    ['storage.k8s.io/storageclasses', kind(storageClassStrategy)],
    ['storage.k8s.io/volumeattachments', kind(volumeAttachmentStrategy, { status: volumeAttachmentStatusStrategy })],
    ['storage.k8s.io/volumeattributesclasses', kind(volumeAttributesClassStrategy)],
  ]);
  return {
    of: (group, resource) => table.get(`${group}/${resource}`),
    keys: () => [...table.keys()],
  };
}
