import { RestClient } from '@reckon/client/rest';
import { startControllers } from '@reckon/control/controllers';
import { EventBroadcaster, controllerMetricsIn } from '@reckon/control/runtime';
import { startScheduler } from '@reckon/control/scheduling';
import { InformerFactory } from '@reckon/client/cache';
import {
  type Logger,
  MetricsRegistry,
  type Running,
  RunningSet,
  systemClock,
  systemRandom,
  systemTimers,
} from '@reckon/kernel';
import { defaultStages, startKubelet } from '@reckon/node/kubelet';
import { tokenIssuer } from '@reckon/serve/authn';
import type { AgentIdentity } from './agent-identities';
import { serviceAccountIssuer } from './service-account-issuer';
import type { AgentsData } from './agents-protocol';

export interface AgentsPlane extends Running {
  readonly kubeletPort: number;
  readonly metrics: MetricsRegistry;
}

/** The client plane of one process: controllers, scheduler and kubelet, each an ordinary client with its own identity. */
export async function startAgentsPlane(data: AgentsData, logger: Logger): Promise<AgentsPlane> {
  const running = new RunningSet();
  const metrics = new MetricsRegistry();
  const common = {
    clock: systemClock,
    timers: systemTimers,
    random: systemRandom,
    metrics: controllerMetricsIn(metrics),
  };
  const restFor = (agent: string, { token, user }: AgentIdentity): RestClient => {
    const rest = new RestClient(
      {
        server: 'http://localhost',
        socketPath: data.socketPath,
        token,
        userAgent: `${agent}/${data.version} (reckon) ${user.name}`,
      },
      common,
    );
    running.add({ stop: () => rest.close() });
    return rest;
  };

  const issuer = tokenIssuer({ ...common, key: data.serviceAccountKeyPem, issuer: serviceAccountIssuer });
  const manager = restFor('kube-controller-manager', data.identities.controllerManager);
  const clients = new Map<string, RestClient>();
  running.add(
    startControllers({
      ...common,
      rest: manager,
      logger: logger.with({ component: 'controller-manager' }),
      restOf: (serviceAccount) => {
        const identity = data.identities.controllers[serviceAccount];
        if (identity === undefined) return manager;
        const known = clients.get(serviceAccount) ?? restFor('kube-controller-manager', identity);
        clients.set(serviceAccount, known);
        return known;
      },
      options: {
        serviceAccountTokenSecrets: data.serviceAccountTokenSecrets,
        rootCaPem: data.rootCaPem,
        signLegacyToken: ({ namespace, serviceAccountName, serviceAccountUid, secretName }) =>
          issuer.issueLegacy({ namespace, name: serviceAccountName, uid: serviceAccountUid }, secretName),
      },
    }),
  );

  const schedulerRest = restFor('kube-scheduler', data.identities.scheduler);
  const schedulerLogger = logger.with({ component: 'scheduler' });
  const schedulerInformers = running.add(new InformerFactory(schedulerRest, { ...common, logger: schedulerLogger }));
  running.add(
    startScheduler({
      ...common,
      rest: schedulerRest,
      informers: schedulerInformers,
      logger: schedulerLogger,
      metrics,
      recorder: running.add(
        new EventBroadcaster({
          ...common,
          rest: schedulerRest,
          logger: schedulerLogger,
          component: 'default-scheduler',
        }),
      ),
    }),
  );
  schedulerInformers.start();

  const kubeletRest = restFor('kubelet', data.identities.kubelet);
  const kubeletLogger = logger.with({ component: 'kubelet' });
  const kubelet = running.add(
    await startKubelet({
      ...common,
      rest: kubeletRest,
      logger: kubeletLogger,
      recorder: (host) =>
        running.add(
          new EventBroadcaster({ ...common, rest: kubeletRest, logger: kubeletLogger, component: 'kubelet', host }),
        ),
      nodes: data.nodes,
      namePrefix: 'reckon-node',
      kubeletVersion: data.version,
      stages: data.stages ?? defaultStages,
      listen: {
        host: '127.0.0.1',
        port: 0,
        tls: data.kubeletTls,
        authorize: (authorization) => authorization === `Bearer ${data.kubeletToken}`,
      },
    }),
  );
  return { kubeletPort: kubelet.port, metrics, stop: () => running.stop() };
}
