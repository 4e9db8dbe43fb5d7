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
import { canonicalControllers, idleControllers, isChosenBy } from './chosen-controllers';
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
  const said = overlaid(parsed, config === '' ? {} : await readConfigFile(config, controllerManagerConfig, warn));
  const flags = { ...said, controllers: canonicalControllers(said.controllers) };
  for (const name of idleControllers(flags.controllers))
    warn(`reckon: --controllers: ${name}: it has no work here, and is not started`);
  const isChosen = isChosenBy(flags.controllers);
  // Upstream's controller does not start then.
  if (flags['legacy-service-account-token-clean-up-period'] <= 0)
    throw new OptionError(
      '--legacy-service-account-token-clean-up-period: it must be longer than nothing',
      "--controllers='*,-legacy-serviceaccount-token-cleaner-controller' leaves unused tokens as they are",
    );
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
              legacyTokenCleanUpPeriodMs: flags['legacy-service-account-token-clean-up-period'],
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
