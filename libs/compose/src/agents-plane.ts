import { RestClient } from '@reckon/client/rest';
import { type Logger, type MetricsRegistry, type Running, RunningSet } from '@reckon/kernel';
import { tokenIssuer } from '@reckon/serve/authn';
import type { AgentIdentity } from './agent-identities';
import { agentBasics } from './agents/agent-basics';
import { queueMetricsOf, runControllers } from './agents/run-controllers';
import { runKubelet } from './agents/run-kubelet';
import { runScheduler } from './agents/run-scheduler';
import type { AgentsData } from './agents-protocol';
import { clusterNodePrefix } from './cluster-node-prefix';
import { serviceAccountIssuer } from './service-account-issuer';

export interface AgentsPlane extends Running {
  readonly kubeletPort: number;
  readonly metrics: MetricsRegistry;
}

/** As upstream's `--cluster-signing-duration`. */
const signedCertificatesMs = 365 * 24 * 60 * 60 * 1000;

/** The client plane of one process: controllers, scheduler and kubelet, each an ordinary client with its own identity. */
export async function startAgentsPlane(data: AgentsData, logger: Logger): Promise<AgentsPlane> {
  const running = new RunningSet();
  const basics = agentBasics(logger);
  const queueMetrics = queueMetricsOf(basics);
  const restFor = (agent: string, { token, user }: AgentIdentity): RestClient => {
    const userAgent = `${agent}/${data.version} (reckon) ${user.name}`;
    const rest = new RestClient({ server: 'http://localhost', socketPath: data.socketPath, token, userAgent }, basics);
    running.add({ stop: () => rest.close() });
    return rest;
  };

  const issuer = tokenIssuer({ ...basics, key: data.serviceAccountKeyPem, issuer: serviceAccountIssuer });
  const manager = restFor('kube-controller-manager', data.identities.controllerManager);
  const clients = new Map<string, RestClient>();
  running.add(
    runControllers({
      ...basics,
      metrics: queueMetrics,
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
        certificates: { clock: basics.clock, lifetimeMs: signedCertificatesMs, authority: () => data.signingAuthority },
        signLegacyToken: ({ namespace, serviceAccountName, serviceAccountUid, secretName }) =>
          issuer.issueLegacy({ namespace, name: serviceAccountName, uid: serviceAccountUid }, secretName),
      },
    }),
  );

  running.add(
    runScheduler({
      ...basics,
      rest: restFor('kube-scheduler', data.identities.scheduler),
      logger: logger.with({ component: 'scheduler' }),
    }),
  );

  const kubelet = running.add(
    await runKubelet({
      ...basics,
      metrics: queueMetrics,
      rest: restFor('kubelet', data.identities.kubelet),
      logger: logger.with({ component: 'kubelet' }),
      nodes: data.nodes,
      namePrefix: clusterNodePrefix,
      kubeletVersion: data.version,
      stages: data.stages,
      listen: {
        host: '127.0.0.1',
        port: 0,
        tls: data.kubeletTls,
        authorize: (authorization) => authorization === `Bearer ${data.kubeletToken}`,
      },
    }),
  );
  return { kubeletPort: kubelet.port, metrics: basics.metrics, stop: () => running.stop() };
}
