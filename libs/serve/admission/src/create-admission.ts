import type { MetricsRegistry, Monotonic, Random, Timers } from '@reckon/kernel';
import type { Authorizer, EscalationCheck } from '@reckon/serve/authz';
import type { Storage } from '@reckon/store/contract';
import { admissionChain } from './admission-chain';
import { admissionMetricsIn } from './admission-metrics';
import { objectReader } from './object-reader';
import type { AdmissionChain, AdmissionPlugin } from './plugin';
import { orderedPlugins, type PluginName } from './plugin-names';
import { certificateApproval, certificateSigning } from './plugins/certificates/signer-plugins';
import { certificateSubjectRestriction } from './plugins/certificates/subject-restriction';
import { defaultIngressClass } from './plugins/default-ingress-class';
import { defaultStorageClass } from './plugins/default-storage-class';
import { defaultTolerationSeconds, type TolerationSeconds } from './plugins/default-toleration-seconds';
import { limitRanger } from './plugins/limit-ranger/limit-ranger';
import { namespaceLifecycle } from './plugins/namespace-lifecycle';
import { nodeRestriction } from './plugins/node-restriction/node-restriction';
import { persistentVolumeClaimResize } from './plugins/persistent-volume-claim-resize';
import { priority } from './plugins/priority';
import { rbacEscalation } from './plugins/rbac-escalation';
import { runtimeClass } from './plugins/runtime-class';
import { serviceAccount } from './plugins/service-account/service-account';
import { storageObjectInUseProtection } from './plugins/storage-object-in-use-protection';
import { taintNodesByCondition } from './plugins/taint-nodes-by-condition';

export interface AdmissionOptions {
  readonly storage: Pick<Storage, 'newest' | 'newestOf'>;
  readonly random: Random;
  readonly timers: Pick<Timers, 'sleep'>;
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
  /** Where it is counted how long plugins take. */
  readonly timing?: { readonly metrics: MetricsRegistry; readonly clock: Monotonic };
}

export interface Admission {
  readonly chain: AdmissionChain;
  /** The plugins that run, in their order. */
  readonly plugins: readonly string[];
  /** Enabled by name, known upstream, and not here yet: worth a warning. */
  readonly notImplemented: readonly string[];
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
  const make = factories(options);
  const wanted = orderedPlugins.filter(
    ([name, mode]) => (mode === 'on' || enable.includes(name)) && !disable.includes(name),
  );
  const plugins = wanted.flatMap(([name]) => make[name]?.() ?? []);
  // What upstream does in the storage comes after all that may still change the object.
  if (escalation !== undefined) plugins.push(rbacEscalation(escalation));
  return {
    chain: admissionChain(plugins, timing === undefined ? undefined : admissionMetricsIn(timing.metrics, timing.clock)),
    plugins: plugins.map(({ name }) => name),
    notImplemented: enable.filter((name) => make[name as PluginName] === undefined),
  };
}

function factories({
  storage,
  random,
  timers,
  tolerationSeconds,
  authorizer,
}: AdmissionOptions): Partial<Record<PluginName, () => AdmissionPlugin>> {
  const objects = objectReader(storage);
  return {
    NamespaceLifecycle: () => namespaceLifecycle(objects),
    LimitRanger: () => limitRanger(objects),
    ServiceAccount: () => serviceAccount({ objects, random, timers }),
    NodeRestriction: () => nodeRestriction({ objects, ...(authorizer === undefined ? {} : { authorizer }) }),
    TaintNodesByCondition: () => taintNodesByCondition,
    Priority: () => priority(objects),
    DefaultTolerationSeconds: () => defaultTolerationSeconds(tolerationSeconds),
    DefaultStorageClass: () => defaultStorageClass(objects),
    StorageObjectInUseProtection: () => storageObjectInUseProtection,
    PersistentVolumeClaimResize: () => persistentVolumeClaimResize(objects),
    RuntimeClass: () => runtimeClass(objects),
    ...(authorizer === undefined
      ? {}
      : {
          CertificateApproval: () => certificateApproval(authorizer),
          CertificateSigning: () => certificateSigning(authorizer),
        }),
    CertificateSubjectRestriction: () => certificateSubjectRestriction,
    DefaultIngressClass: () => defaultIngressClass(objects),
  };
}

function checkNames(enable: readonly string[], disable: readonly string[]): void {
  const known = new Set<string>(orderedPlugins.map(([name]) => name));
  for (const name of [...enable, ...disable])
    if (!known.has(name)) throw new AdmissionOptionsError(`there is no admission plugin ${JSON.stringify(name)}`);
  const both = enable.find((name) => disable.includes(name));
  if (both !== undefined) throw new AdmissionOptionsError(`the admission plugin ${both} is both enabled and disabled`);
}
