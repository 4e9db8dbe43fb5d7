import type { KindRegistry } from '@reckon/api/kinds';
import type { MetricsRegistry, Monotonic, Random, Timers } from '@reckon/kernel';
import type { Authorizer, EscalationCheck } from '@reckon/serve/authz';
import type { Storage } from '@reckon/store/contract';
import { admissionChain } from './admission-chain';
import { admissionMetricsIn } from './admission-metrics';
import { objectReader } from './object-reader';
import type { AdmissionChain, AdmissionPlugin } from './plugin';
import { type CallingOut, callingOutPlugins } from './calling-out';
import type { PluginConfigurations } from './plugin-configuration';
import { orderedPlugins, type PluginName } from './plugin-names';
import { alwaysAdmit, alwaysDeny } from './plugins/always';
import { alwaysPullImages } from './plugins/always-pull-images';
import { claimStatusRights } from './plugins/claim-status-rights';
import { clusterTrustBundleAttest } from './plugins/certificates/cluster-trust-bundle-attest';
import { certificateApproval, certificateSigning } from './plugins/certificates/signer-plugins';
import { certificateSubjectRestriction } from './plugins/certificates/subject-restriction';
import { defaultIngressClass } from './plugins/default-ingress-class';
import { defaultStorageClass } from './plugins/default-storage-class';
import { defaultTolerationSeconds, type TolerationSeconds } from './plugins/default-toleration-seconds';
import { denyServiceExternalIps } from './plugins/deny-service-external-ips';
import { eventRateLimit } from './plugins/event-rate-limit/event-rate-limit';
import { eventLimits } from './plugins/event-rate-limit/event-rate-limit-configuration';
import { extendedResourceToleration } from './plugins/extended-resource-toleration';
import { imagePolicyWebhook, type ImagePolicyBackend } from './plugins/image-policy/image-policy';
import { imagePolicySettings } from './plugins/image-policy/image-policy-configuration';
import { limitPodHardAntiAffinityTopology } from './plugins/limit-pod-hard-anti-affinity-topology';
import { limitRanger } from './plugins/limit-ranger/limit-ranger';
import { type CreateNamespace, namespaceAutoProvision } from './plugins/namespace-auto-provision';
import { namespaceExists } from './plugins/namespace-exists';
import { namespaceLifecycle } from './plugins/namespace-lifecycle';
import { nodeDeclaredFeatureValidator } from './plugins/node-declared-feature-validator';
import { nodeRestriction } from './plugins/node-restriction/node-restriction';
import { paramRights } from './policies/param-rights';
import { ownerReferencesPermissionEnforcement } from './plugins/owner-references';
import { persistentVolumeClaimResize } from './plugins/persistent-volume-claim-resize';
import { podNodeSelector } from './plugins/pod-node-selector/pod-node-selector';
import { nodeSelectors } from './plugins/pod-node-selector/pod-node-selector-configuration';
import { podResizeValidator } from './plugins/pod-resize-validator';
import { podSecuritySettings } from './plugins/pod-security/pod-security-configuration';
import { podSecurity } from './plugins/pod-security/pod-security';
import { podSecurityMetrics } from './plugins/pod-security/pod-security-metrics';
import { tolerationSettings } from './plugins/pod-toleration-restriction/pod-toleration-configuration';
import { podTolerationRestriction } from './plugins/pod-toleration-restriction/pod-toleration-restriction';
import { podTopologyLabels } from './plugins/pod-topology-labels';
import { priority } from './plugins/priority';
import { rbacEscalation } from './plugins/rbac-escalation';
import { limitedResources } from './plugins/resource-quota/quota-configuration';
import { resourceQuota } from './plugins/resource-quota/resource-quota';
import { runtimeClass } from './plugins/runtime-class';
import { serviceAccount } from './plugins/service-account/service-account';
import { storageObjectInUseProtection } from './plugins/storage-object-in-use-protection';
import { taintNodesByCondition } from './plugins/taint-nodes-by-condition';

export interface AdmissionOptions {
  readonly storage: Pick<Storage, 'newest' | 'newestOf' | 'count'>;
  readonly random: Random;
  readonly timers: Timers;
  /** Guards the RBAC kinds; cannot be switched off by name. Absent where RBAC is not the authorization. */
  readonly escalation?: EscalationCheck;
  /**
   * Asked by plugins whose rules an administrator can widen (NodeRestriction: token audiences; absent: nothing is widened) and by
   * those that check rights of their own (certificates; absent: they are not there).
   */
  readonly authorizer?: Pick<Authorizer, 'authorize'>;
  /** `--enable-admission-plugins`: beside those that are on by default. */
  readonly enable?: readonly string[];
  /** `--disable-admission-plugins` */
  readonly disable?: readonly string[];
  readonly tolerationSeconds?: TolerationSeconds;
  /** Says which resource is an owner's, and what is owned of a quota; absent: OwnerReferencesPermissionEnforcement is not there. */
  readonly kinds?: Pick<KindRegistry, 'kind' | 'types' | 'plans'>;
  /** Makes a namespace as the server itself; absent: NamespaceAutoProvision is not there. */
  readonly createNamespace?: CreateNamespace;
  /** By plugin, as `--admission-control-config-file` has them. */
  readonly configurations?: PluginConfigurations;
  /** Whom ImagePolicyWebhook asks, where its configuration names somebody. */
  readonly imagePolicy?: ImagePolicyBackend & { readonly clock: Monotonic };
  /** For webhooks and policies; absent: they are not there. */
  readonly callingOut?: CallingOut;
  /** Where it is counted how long plugins take. */
  readonly timing?: { readonly metrics: MetricsRegistry; readonly clock: Monotonic };
}

export interface Admission {
  readonly chain: AdmissionChain;
  /** The plugins that run, in their order. */
  readonly plugins: readonly string[];
  /** Enabled by name, known upstream, and not here yet: worth a warning. */
  readonly notImplemented: readonly string[];
  /** No more configurations are followed, and connections are closed. */
  stop(): void;
}

/** A plugin name that nobody knows, or one that is both on and off. */
export class AdmissionOptionsError extends Error {
  readonly code = 'InvalidAdmissionPlugins';
  readonly hint = `known admission plugins: ${orderedPlugins.map(([name]) => name).join(', ')}`;

  constructor(message: string) {
    super(message);
    this.name = 'AdmissionOptionsError';
  }
}

/** Makes the plugins that are switched on and puts them in upstream's order. */
export function createAdmission(options: AdmissionOptions): Admission {
  const { enable = [], disable = [], escalation, timing } = options;
  checkNames(enable, disable);
  const ends: (() => void)[] = [];
  const make = factories(options, (stop) => ends.push(stop));
  const wanted = orderedPlugins.filter(
    ([name, mode]) => (mode === 'on' || enable.includes(name)) && !disable.includes(name),
  );
  const plugins = wanted.flatMap(([name]) => make[name]?.() ?? []);
  // What upstream does in the storage comes after all that may still change the object.
  if (escalation !== undefined) plugins.push(rbacEscalation(escalation));
  const { callingOut, authorizer, storage } = options;
  if (authorizer !== undefined) plugins.push(claimStatusRights(authorizer));
  if (callingOut !== undefined && authorizer !== undefined)
    plugins.push(paramRights({ authorizer, kinds: callingOut.kinds, objects: objectReader(storage) }));
  return {
    chain: admissionChain(plugins, timing === undefined ? undefined : admissionMetricsIn(timing.metrics, timing.clock)),
    plugins: plugins.map(({ name }) => name),
    notImplemented: orderedPlugins.flatMap(([name, mode]) =>
      enable.includes(name) && mode !== 'gated' && make[name] === undefined ? name : [],
    ),
    stop() {
      for (const stop of ends) stop();
    },
  };
}

function factories(
  options: AdmissionOptions,
  onStop: (stop: () => void) => void,
): Partial<Record<PluginName, () => AdmissionPlugin>> {
  const {
    storage,
    random,
    timers,
    authorizer,
    kinds,
    createNamespace,
    configurations = {},
    callingOut,
    imagePolicy,
    timing,
  } = options;
  const objects = objectReader(storage);
  return {
    AlwaysAdmit: () => alwaysAdmit,
    ...(createNamespace === undefined
      ? {}
      : { NamespaceAutoProvision: () => namespaceAutoProvision(objects, createNamespace) }),
    NamespaceExists: () => namespaceExists(objects),
    LimitPodHardAntiAffinityTopology: () => limitPodHardAntiAffinityTopology,
    AlwaysPullImages: () => alwaysPullImages,
    ImagePolicyWebhook() {
      const settings = imagePolicySettings(configurations.ImagePolicyWebhook);
      if (imagePolicy === undefined) throw new Error('ImagePolicyWebhook has settings and nobody to ask');
      onStop(() => {
        imagePolicy.client.close();
      });
      return imagePolicyWebhook({ ...imagePolicy, settings, timers, random });
    },
    PodNodeSelector: () => podNodeSelector(objects, nodeSelectors(configurations.PodNodeSelector)),
    PodTolerationRestriction: () =>
      podTolerationRestriction(objects, tolerationSettings(configurations.PodTolerationRestriction)),
    EventRateLimit: () => eventRateLimit(eventLimits(configurations.EventRateLimit)),
    ExtendedResourceToleration: () => extendedResourceToleration,
    ...(authorizer === undefined || kinds === undefined
      ? {}
      : { OwnerReferencesPermissionEnforcement: () => ownerReferencesPermissionEnforcement(authorizer, kinds) }),
    DenyServiceExternalIPs: () => denyServiceExternalIps,
    PodTopologyLabels: () => podTopologyLabels(storage),
    NodeDeclaredFeatureValidator: () => nodeDeclaredFeatureValidator(objects),
    PodResizeValidator: () => podResizeValidator(objects),
    AlwaysDeny: () => alwaysDeny,
    ...(callingOut === undefined
      ? {}
      : callingOutPlugins({ ...callingOut, objects, authorizer, random, metrics: timing?.metrics, onStop })),
    NamespaceLifecycle: () => namespaceLifecycle(objects),
    LimitRanger: () => limitRanger(objects),
    ServiceAccount: () => serviceAccount({ objects, random, timers }),
    NodeRestriction: () => nodeRestriction({ objects, ...(authorizer === undefined ? {} : { authorizer }) }),
    TaintNodesByCondition: () => taintNodesByCondition,
    PodSecurity: () =>
      podSecurity({
        objects,
        settings: podSecuritySettings(configurations.PodSecurity),
        metrics: timing === undefined ? undefined : podSecurityMetrics(timing.metrics),
      }),
    Priority: () => priority(objects),
    DefaultTolerationSeconds: () => defaultTolerationSeconds(options.tolerationSeconds),
    DefaultStorageClass: () => defaultStorageClass(objects),
    StorageObjectInUseProtection: () => storageObjectInUseProtection,
    PersistentVolumeClaimResize: () => persistentVolumeClaimResize(objects),
    RuntimeClass: () => runtimeClass(objects),
    ...(authorizer === undefined
      ? {}
      : {
          CertificateApproval: () => certificateApproval(authorizer),
          CertificateSigning: () => certificateSigning(authorizer),
          ClusterTrustBundleAttest: () => clusterTrustBundleAttest(authorizer),
        }),
    CertificateSubjectRestriction: () => certificateSubjectRestriction,
    DefaultIngressClass: () => defaultIngressClass(objects),
    ResourceQuota: () =>
      resourceQuota({ objects, storage, kinds, limited: limitedResources(configurations.ResourceQuota) }),
  };
}

function checkNames(enable: readonly string[], disable: readonly string[]): void {
  const known = new Set<string>(orderedPlugins.map(([name]) => name));
  for (const name of [...enable, ...disable])
    if (!known.has(name)) throw new AdmissionOptionsError(`there is no admission plugin ${JSON.stringify(name)}`);
  const both = enable.find((name) => disable.includes(name));
  if (both !== undefined) throw new AdmissionOptionsError(`the admission plugin ${both} is both enabled and disabled`);
}
