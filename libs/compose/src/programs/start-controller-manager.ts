import { controllerTable } from '@reckon/control/controllers';
import { type Running, RunningSet } from '@reckon/kernel';
import { tokenIssuer } from '@reckon/serve/authn';
import { agentBasics } from '../agents/agent-basics';
import { queueMetricsOf, runControllers } from '../agents/run-controllers';
import { readPem } from '../component-server/serving-certificate';
import { controllerManagerConfig } from '../config/controller-manager-config';
import { overlaid, readConfigFile } from '../config/read-config-file';
import { controllerManagerFlags } from '../flags/controller-manager-flags';
import { createLogger } from '../logger';
import { OptionError } from '../option-error';
import { apiClientConfig, programClients } from './api-client';
import { certificateAuthorities } from './certificate-authorities';
import { startComponentPages } from './component-pages';
import { controllerManagerConfigz } from './controller-manager-configz';
import { startElected } from './elected';
import { requestRateOf } from './request-rate';
import type { ProgramRun } from './run-program';
import { serviceAccountClients } from './service-account-clients';
import { tellWhenUnreachable } from './tell-unreachable';

type Run = ProgramRun<(typeof controllerManagerFlags)['sections']>;

const garbageCollector = 'garbage-collector-controller';
const tokenController = 'serviceaccount-token-controller';

/** `reckon controller-manager`. In flow order. */
export async function startControllerManager({ parsed, warn, say, fail }: Run): Promise<Running> {
  const { config } = parsed.values;
  const flags = overlaid(parsed, config === '' ? {} : await readConfigFile(config, controllerManagerConfig, warn));
  const isChosen = chosenControllers(flags.controllers);
  const keyFile = flags['service-account-private-key-file'];
  const running = new RunningSet();
  const basics = agentBasics(createLogger('controller-manager', flags.v, flags['logging-format']));
  const requestRate = requestRateOf(flags, { perSecond: 20, burst: 30 });
  const clientConfig = apiClientConfig(flags, 'kube-controller-manager');
  const { rest, aside } = running.add(programClients(clientConfig, basics, requestRate));
  running.add(tellWhenUnreachable({ ...basics, rest: aside, kubeconfig: flags.kubeconfig, say, warn }));
  try {
    const issuer =
      keyFile === ''
        ? undefined
        : tokenIssuer({ ...basics, key: readPem(keyFile, '--service-account-private-key-file'), issuer: '' });
    const rootCaPem =
      flags['root-ca-file'] === '' ? (clientConfig.caPem ?? '') : readPem(flags['root-ca-file'], '--root-ca-file');
    const certificates = certificateAuthorities(flags, basics);
    const accounts = flags['use-service-account-credentials']
      ? running.add(serviceAccountClients(aside, rest.config, basics))
      : undefined;
    const metrics = queueMetricsOf(basics);
    const elected = running.add(
      await startElected({
        flags,
        rest: aside,
        basics,
        fail,
        lead: async () =>
          runControllers({
            ...basics,
            metrics,
            rest,
            ...(accounts === undefined ? {} : { restOf: (name) => accounts.of(name) }),
            // Without a key there is nothing that it could sign.
            isWanted: (name) =>
              isChosen(name) &&
              (name !== tokenController || issuer !== undefined) &&
              (name !== garbageCollector || flags['enable-garbage-collector']),
            options: {
              serviceAccountTokenSecrets: flags['service-account-token-secrets'],
              rootCaPem,
              ...(certificates === undefined ? {} : { certificates }),
              endpointSliceMirroring: {
                workers: flags['mirroring-concurrent-service-endpoint-syncs'],
                batchPeriodMs: flags['mirroring-endpointslice-updates-batch-period'],
                mostPerSubset: flags['mirroring-max-endpoints-per-subset'],
              },
              horizontalPodAutoscaler: {
                workers: flags['concurrent-horizontal-pod-autoscaler-syncs'],
                syncPeriodMs: flags['horizontal-pod-autoscaler-sync-period'],
                downscaleStabilizationMs: flags['horizontal-pod-autoscaler-downscale-stabilization'],
                tolerance: flags['horizontal-pod-autoscaler-tolerance'],
                cpuInitializationMs: flags['horizontal-pod-autoscaler-cpu-initialization-period'],
                initialReadinessDelayMs: flags['horizontal-pod-autoscaler-initial-readiness-delay'],
              },
              terminatedPodThreshold: flags['terminated-pod-gc-threshold'],
              nodeLifecycle: {
                nodeMonitorPeriodMs: flags['node-monitor-period'],
                nodeMonitorGracePeriodMs: flags['node-monitor-grace-period'],
                nodeStartupGracePeriodMs: flags['node-startup-grace-period'],
                nodeEvictionRate: flags['node-eviction-rate'],
                secondaryNodeEvictionRate: flags['secondary-node-eviction-rate'],
                largeClusterSizeThreshold: flags['large-cluster-size-threshold'],
                unhealthyZoneThreshold: flags['unhealthy-zone-threshold'],
              },
              signLegacyToken: async ({ namespace, serviceAccountName, serviceAccountUid, secretName }) => {
                if (issuer === undefined) throw new Error('no key was named to sign tokens with');
                return issuer.issueLegacy({ namespace, name: serviceAccountName, uid: serviceAccountUid }, secretName);
              },
            },
          }),
      }),
    );
    const pages = running.add(
      await startComponentPages({
        table: controllerManagerFlags,
        flags,
        warn,
        rest: aside,
        basics,
        health: elected.health,
        configz: () => ({
          'kubecontrollermanager.config.k8s.io': controllerManagerConfigz(flags, requestRate),
        }),
      }),
    );
    say(`controller manager of ${rest.config.server}, answering on ${flags['bind-address']}:${String(pages.port)}`);
    return running;
  } catch (error) {
    await running.stop();
    throw error;
  }
}

const onlyByName = new Set(controllerTable.filter((row) => row.isOnlyByName === true).map(({ name }) => name));

/** Upstream's `IsControllerEnabled`: `*`, a name, or `-` and a name; what is named goes before `*`. Throws `OptionError` for strangers. */
export function chosenControllers(chosen: readonly string[]): (name: string) => boolean {
  const names = controllerTable.map(({ name }) => name);
  for (const one of chosen) {
    const name = one.replace(/^-/, '');
    if (one !== '*' && !names.includes(name) && !notHere.has(name))
      throw new OptionError(`--controllers: there is no controller ${name}`, `the controllers are ${names.join(', ')}`);
  }
  return (name) => {
    if (chosen.includes(name)) return true;
    return !chosen.includes(`-${name}`) && !onlyByName.has(name) && chosen.includes('*');
  };
}

/** Upstream's controllers that are not written yet: they may be left out or asked for by name, which changes nothing. */
const notHere = new Set(
  `cloud-node-lifecycle-controller device-taint-eviction-controller ephemeral-volume-controller
  legacy-serviceaccount-token-cleaner-controller node-ipam-controller node-route-controller
  persistentvolume-attach-detach-controller persistentvolume-expander-controller
  selinux-warning-controller service-lb-controller storage-version-migrator-controller
  storageversion-garbage-collector-controller
  kube-apiserver-serving-clustertrustbundle-publisher-controller`.match(/\S+/g),
);
