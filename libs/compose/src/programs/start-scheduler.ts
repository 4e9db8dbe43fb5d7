import { durationText } from '@reckon/api/machinery';
import {
  type ExtenderConfiguration,
  type ProfileConfiguration,
  defaultArgs,
  defaultSchedulerConfiguration,
  mergePlugins,
} from '@reckon/control/scheduling';
import { type Running, RunningSet } from '@reckon/kernel';
import { agentBasics } from '../agents/agent-basics';
import { runScheduler } from '../agents/run-scheduler';
import { overlaid, readConfigFile } from '../config/read-config-file';
import { schedulerConfig } from '../config/scheduler-config';
import { schedulerFlags } from '../flags/scheduler-flags';
import { createLogger } from '../logger';
import { apiClientConfig, programClients } from './api-client';
import { startComponentPages } from './component-pages';
import { clientConnectionOf, leaderElectionOf } from './configz';
import { startElected } from './elected';
import { requestRateOf } from './request-rate';
import type { ProgramRun } from './run-program';
import { tellWhenUnreachable } from './tell-unreachable';

type Run = ProgramRun<(typeof schedulerFlags)['sections']>;

/** `reckon scheduler`. In flow order. */
export async function startSchedulerProgram({ parsed, warn, say, fail }: Run): Promise<Running> {
  const { config } = parsed.values;
  const file = config === '' ? undefined : await readConfigFile(config, schedulerConfig, warn);
  const flags = overlaid(parsed, file?.flags ?? {});
  const configuration = {
    ...(file?.configuration ?? defaultSchedulerConfiguration),
    longestUnschedulableMs: flags['pod-max-in-unschedulable-pods-duration'],
  };
  const running = new RunningSet();
  const basics = agentBasics(createLogger('scheduler', flags.v, flags['logging-format']));
  const requestRate = requestRateOf(flags, { perSecond: 50, burst: 100 });
  const { rest, aside } = running.add(programClients(apiClientConfig(flags, 'kube-scheduler'), basics, requestRate));
  running.add(tellWhenUnreachable({ ...basics, rest: aside, kubeconfig: flags.kubeconfig, say, warn }));
  try {
    const elected = running.add(
      await startElected({
        flags,
        rest: aside,
        basics,
        fail,
        lead: async () => runScheduler({ ...basics, rest, configuration }),
      }),
    );
    const pages = running.add(
      await startComponentPages({
        table: schedulerFlags,
        flags,
        warn,
        rest: aside,
        basics,
        health: elected.health,
        configz: () => ({
          'kubescheduler.config.k8s.io': {
            leaderElection: leaderElectionOf(flags),
            clientConnection: clientConnectionOf(flags, requestRate),
            percentageOfNodesToScore: configuration.percentageOfNodesToScore,
            podInitialBackoffSeconds: configuration.firstBackoffMs / 1_000,
            podMaxBackoffSeconds: configuration.longestBackoffMs / 1_000,
            profiles: configuration.profiles.map(profileShown),
            extenders: (configuration.extenders ?? []).map(extenderShown),
          },
        }),
      }),
    );
    say(`scheduler of ${rest.config.server}, answering on ${flags['bind-address']}:${String(pages.port)}`);
    return running;
  } catch (error) {
    await running.stop();
    throw error;
  }
}

/** A profile as it is in effect: plugins by extension point, and the arguments of each. */
const profileShown = ({ schedulerName, percentageOfNodesToScore, plugins, args }: ProfileConfiguration): object => ({
  schedulerName,
  ...(percentageOfNodesToScore === undefined ? {} : { percentageOfNodesToScore }),
  plugins: Object.fromEntries(Object.entries(mergePlugins(plugins)).map(([point, enabled]) => [point, { enabled }])),
  pluginConfig: Object.entries({ ...defaultArgs, ...args }).map(([name, of]) => ({ name, args: of })),
});

/** An extender as it is in effect; keys and certificates are not told. */
const extenderShown = ({ tls, timeoutMs, isIgnorable, managedResources, ...of }: ExtenderConfiguration): object => ({
  ...of,
  httpTimeout: durationText(timeoutMs),
  ignorable: isIgnorable,
  tlsConfig: { insecure: tls?.isInsecure === true, serverName: tls?.serverName ?? '' },
  managedResources: managedResources.map(({ name, isIgnoredByScheduler }) => ({
    name,
    ignoredByScheduler: isIgnoredByScheduler,
  })),
});
