import { type Running, RunningSet } from '@reckon/kernel';
import { agentBasics } from '../agents/agent-basics';
import { runScheduler } from '../agents/run-scheduler';
import { overlaid, readConfigFile } from '../config/read-config-file';
import { schedulerConfig } from '../config/scheduler-config';
import type { schedulerFlags } from '../flags/scheduler-flags';
import { createLogger } from '../logger';
import { apiClient, apiClientConfig } from './api-client';
import { startComponentPages } from './component-pages';
import { leaderElectionOf } from './configz';
import { startElected } from './elected';
import type { ProgramRun } from './run-program';

type Run = ProgramRun<(typeof schedulerFlags)['sections']>;

/** `reckon scheduler`. In flow order. */
export async function startSchedulerProgram({ parsed, warn, say, fail }: Run): Promise<Running> {
  const { config } = parsed.values;
  const flags = overlaid(parsed, config === '' ? {} : await readConfigFile(config, schedulerConfig, warn));
  const running = new RunningSet();
  const basics = agentBasics(createLogger('scheduler', flags.v, flags['logging-format']));
  const rest = apiClient(apiClientConfig(flags, 'kube-scheduler'), basics);
  running.add({ stop: () => rest.close() });
  try {
    const elected = running.add(
      await startElected({ flags, rest, basics, fail, lead: async () => runScheduler({ ...basics, rest }) }),
    );
    const pages = running.add(
      await startComponentPages({
        program: 'kube-scheduler',
        flags,
        rest,
        basics,
        health: elected.health,
        configz: () => ({
          'kubescheduler.config.k8s.io': {
            leaderElection: leaderElectionOf(flags),
            clientConnection: { kubeconfig: flags.kubeconfig },
            profiles: [{ schedulerName: 'default-scheduler' }],
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
