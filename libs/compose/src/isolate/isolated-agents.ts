import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { controllerTable } from '@reckon/control/controllers';
import { type Running, RunningSet, systemClock, systemTimers } from '@reckon/kernel';
import { type Pki, issue, writeKubeconfig } from '@reckon/pki';
import { clusterNodePrefix } from '../cluster-node-prefix';
import { kubeletGroups, kubeletUser } from '../agent-identities';
import type { ClusterOptions } from '../cluster-options';
import type { DataDirectory } from '../data-directory';
import { createLogger } from '../logger';
import type { ServerPlane } from '../server-plane';
import { workerScript } from '../worker-script';
import { type Supervised, supervise } from './supervised';

/** Whom the apiserver is when it asks a kubelet. */
export function kubeletClient(pki: Pki): { readonly cert: string; readonly key: string } {
  const { certPem: cert, keyPem: key } = issue(authorityOf(pki), {
    commonName: 'kube-apiserver-kubelet-client',
    organizations: ['system:masters'],
    usages: ['client'],
    clock: systemClock,
  });
  return { cert, key };
}

const authorityOf = (pki: Pki) => ({ certPem: pki.caPem, keyPem: pki.caKeyPem });

/** One agent: its command, who it is, and its flags besides the kubeconfig. */
interface AgentRow {
  readonly command: 'controller-manager' | 'scheduler' | 'kubelet';
  readonly user: string;
  readonly groups: readonly string[];
  readonly flags: (options: ClusterOptions, directory: DataDirectory) => readonly string[];
}

/** They listen for this machine only, on free ports; there is one of each, so nobody is elected. */
const local = ['--bind-address', '127.0.0.1', '--secure-port', '0', '--leader-elect=false'];

const agents: readonly AgentRow[] = [
  {
    command: 'controller-manager',
    user: 'system:kube-controller-manager',
    groups: [],
    flags: ({ serviceAccountTokenSecrets, serviceAccountSigningKeyFile }, { pki }) => [
      ...local,
      '--controllers',
      ['*', ...controllerTable.filter((row) => row.isOnlyByName === true).map(({ name }) => name)].join(','),
      '--root-ca-file',
      join(pki, 'ca.crt'),
      '--cluster-signing-cert-file',
      join(pki, 'ca.crt'),
      '--cluster-signing-key-file',
      join(pki, 'ca.key'),
      '--service-account-private-key-file',
      serviceAccountSigningKeyFile ?? join(pki, 'sa.key'),
      '--service-account-token-secrets',
      serviceAccountTokenSecrets,
    ],
  },
  { command: 'scheduler', user: 'system:kube-scheduler', groups: [], flags: () => local },
  {
    command: 'kubelet',
    user: kubeletUser,
    groups: kubeletGroups,
    flags: ({ nodes, podStages }, { pki }) => [
      '--address',
      '127.0.0.1',
      '--port',
      '0',
      '--healthz-port',
      '0',
      '--client-ca-file',
      join(pki, 'ca.crt'),
      '--nodes',
      String(nodes),
      '--node-name-prefix',
      clusterNodePrefix,
      '--node-addresses',
      'simulated',
      ...(podStages === undefined ? [] : ['--pod-stages', podStages]),
    ],
  },
];

export interface IsolatedAgents extends Running {
  isRunning(command: AgentRow['command']): boolean;
}

/** The agents of `reckon up --isolate`: child processes over HTTPS, each with a client certificate in a kubeconfig of its own. */
export async function startIsolatedAgents(parts: {
  readonly options: ClusterOptions;
  readonly directory: DataDirectory;
  readonly plane: ServerPlane;
}): Promise<IsolatedAgents> {
  const { options, directory, plane } = parts;
  const running = new RunningSet();
  const logger = createLogger('up', options.verbosity, options.loggingFormat);
  const program = fileURLToPath(workerScript('reckon'));
  // All that can fail comes before the first child.
  const rows = agents.map((agent) => ({ ...agent, kubeconfig: join(directory.agents, `${agent.command}.kubeconfig`) }));
  for (const { user, groups, kubeconfig } of rows) {
    const credential = issue(authorityOf(plane.pki), {
      commonName: user,
      organizations: groups,
      usages: ['client'],
      clock: systemClock,
    });
    await writeKubeconfig({
      path: kubeconfig,
      server: plane.server,
      caPem: plane.serverCaPem,
      user: { cert: credential.certPem, key: credential.keyPem },
      userName: user,
      context: 'reckon',
    });
  }
  const supervised = new Map<AgentRow['command'], Supervised>();
  for (const { command, flags, kubeconfig } of rows) {
    const logging = ['-v', String(options.verbosity)];
    if (options.loggingFormat !== undefined) logging.push('--logging-format', options.loggingFormat);
    const args = ['--kubeconfig', kubeconfig, ...logging, ...flags(options, directory)];
    const agent = running.add(
      supervise({
        name: command,
        command: [program, command, ...args],
        clock: systemClock,
        timers: systemTimers,
        logger,
      }),
    );
    supervised.set(command, agent);
  }
  return {
    isRunning: (command) => supervised.get(command)?.isRunning() ?? false,
    stop: () => running.stop(),
  };
}
