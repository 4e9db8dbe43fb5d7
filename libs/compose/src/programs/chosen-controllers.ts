import { controllerTable } from '@reckon/control/controllers';
import { OptionError } from '../option-error';

/** Upstream's controllers that have no work here: they may be left out or asked for by name, which changes nothing. */
const idle: ReadonlySet<string> = new Set(
  `cloud-node-lifecycle-controller device-taint-eviction-controller ephemeral-volume-controller
  kube-apiserver-serving-clustertrustbundle-publisher-controller
  node-ipam-controller node-route-controller persistentvolume-attach-detach-controller
  persistentvolume-expander-controller podcertificaterequest-cleaner-controller resourcepoolstatusrequest-controller
  selinux-warning-controller service-lb-controller storage-version-migrator-controller
  storageversion-garbage-collector-controller`.match(/\S+/g),
);

/** What controllers were called before v1.28; upstream never takes such a name away (`ControllerDescriptor.aliases`). */
export const controllerAliases: ReadonlyMap<string, string> = new Map(
  Object.entries({
    'serviceaccount-token': 'serviceaccount-token-controller',
    endpoint: 'endpoints-controller',
    endpointslice: 'endpointslice-controller',
    endpointslicemirroring: 'endpointslice-mirroring-controller',
    replicationcontroller: 'replicationcontroller-controller',
    podgc: 'pod-garbage-collector-controller',
    resourcequota: 'resourcequota-controller',
    namespace: 'namespace-controller',
    serviceaccount: 'serviceaccount-controller',
    garbagecollector: 'garbage-collector-controller',
    daemonset: 'daemonset-controller',
    job: 'job-controller',
    deployment: 'deployment-controller',
    replicaset: 'replicaset-controller',
    horizontalpodautoscaling: 'horizontal-pod-autoscaler-controller',
    disruption: 'disruption-controller',
    statefulset: 'statefulset-controller',
    cronjob: 'cronjob-controller',
    csrsigning: 'certificatesigningrequest-signing-controller',
    csrapproving: 'certificatesigningrequest-approving-controller',
    csrcleaner: 'certificatesigningrequest-cleaner-controller',
    ttl: 'ttl-controller',
    bootstrapsigner: 'bootstrap-signer-controller',
    tokencleaner: 'token-cleaner-controller',
    nodeipam: 'node-ipam-controller',
    nodelifecycle: 'node-lifecycle-controller',
    service: 'service-lb-controller',
    route: 'node-route-controller',
    'cloud-node-lifecycle': 'cloud-node-lifecycle-controller',
    'persistentvolume-binder': 'persistentvolume-binder-controller',
    attachdetach: 'persistentvolume-attach-detach-controller',
    'persistentvolume-expander': 'persistentvolume-expander-controller',
    'clusterrole-aggregation': 'clusterrole-aggregation-controller',
    'pvc-protection': 'persistentvolumeclaim-protection-controller',
    'pv-protection': 'persistentvolume-protection-controller',
    'ttl-after-finished': 'ttl-after-finished-controller',
    'root-ca-cert-publisher': 'root-ca-certificate-publisher-controller',
    'ephemeral-volume': 'ephemeral-volume-controller',
    'storage-version-gc': 'storageversion-garbage-collector-controller',
    'resource-claim-controller': 'resourceclaim-controller',
    'legacy-service-account-token-cleaner': 'legacy-serviceaccount-token-cleaner-controller',
  }),
);

const rowNames: ReadonlySet<string> = new Set(controllerTable.map(({ name }) => name));
const onlyByName = new Set(controllerTable.filter((row) => row.isOnlyByName === true).map(({ name }) => name));

/** Every controller of upstream, by the name it has now. */
export const knownControllers: ReadonlySet<string> = new Set([...rowNames, ...idle]);

/**
 * `--controllers` with each alias as the name that the controller has now. Throws `OptionError` for strangers, as they were
 * written (k8s.io/controller-manager/options `GenericControllerManagerConfigurationOptions.Validate` and `ApplyTo`).
 */
export function canonicalControllers(chosen: readonly string[]): readonly string[] {
  const strangers: string[] = [];
  const canonical = chosen.map((one) => {
    if (one === '*') return one;
    const [, sign = '', written = ''] = /^(-?)(.*)$/s.exec(one) ?? [];
    const name = controllerAliases.get(written) ?? written;
    if (!knownControllers.has(name)) strangers.push(written);
    return `${sign}${name}`;
  });
  if (strangers.length === 0) return canonical;
  const told = strangers.map((name) => `"${name}" is not in the list of known controllers`);
  throw new OptionError(`--controllers: ${told.join(', ')}`, `the controllers are ${[...rowNames].join(', ')}`);
}

/** Those that were asked for by name and have no work here. */
export const idleControllers = (chosen: readonly string[]): readonly string[] =>
  [...new Set(chosen)].filter((name) => idle.has(name));

/**
 * Whether a controller runs, by canonical names: what is said of it first counts, then `*`, which leaves out those that run only
 * where they are named (k8s.io/controller-manager/app `IsControllerEnabled`).
 */
export const isChosenBy =
  (chosen: readonly string[]) =>
  (name: string): boolean => {
    const said = chosen.find((one) => one === name || one === `-${name}`);
    return said === undefined ? chosen.includes('*') && !onlyByName.has(name) : said === name;
  };
