import { controllerTable } from '@reckon/control/controllers';
import { type Running, RunningSet, systemClock, systemRandom } from '@reckon/kernel';
import { defaultLimits, programVersion } from '@reckon/serve/http';
import { type AgentIdentities, allIdentities, newAgentIdentities } from './agent-identities';
import { agentBasics } from './agents/agent-basics';
import { auditOptionsOf } from './audit/audit-options';
import { type AgentsThread, startAgentsThread } from './agents-thread';
import { allowsEverybody } from './authorizers';
import { clusterAuthentication } from './cluster-authentication';
import { clusterKubelets } from './cluster-kubelets';
import { clusterAuthorization } from './cluster-authorization';
import type { ClusterOptions } from './cluster-options';
import { admissionOptions } from './config/admission-config';
import { runningProbe } from './component-statuses';
import type { DataDirectory } from './data-directory';
import { abortion, fatalChannel } from './fatal-channel';
import { encryptionChoice } from './encryption/follow-encryption';
import { holdDirectory } from './held-directory';
import { type IsolatedAgents, kubeletClient, startIsolatedAgents } from './isolate/isolated-agents';
import { kubeletDialer } from './kubelet-dialer';
import { createLogger } from './logger';
import { readRelayFlags } from './read-relay-flags';
import { readStageFile } from './read-stage-file';
import { clusterReady } from './readiness';
import { retentionRules } from './retention-rules';
import type { ServerOptions } from './server-options';
import { type ServerPlane, startServerPlane } from './server-plane';
import { ownServiceAccountKeys } from './service-account-keys';
import { TimeSpent } from './time-spent';
import { type TokenKeys, readTokenKeys } from './token-keys';

export interface Cluster extends Running {
  readonly port: number;
  readonly kubeconfig: string;
  /** Called once when the process can no longer be trusted with the log; it should stop. */
  onFatal(listener: (error: Error) => void): void;
}

const namespaces = ['default', 'kube-system', 'kube-public', 'kube-node-lease'];

/** `reckon up`: the whole cluster, in one process or with its agents in others. Resolves when it is ready. In flow order, read top-down. */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const spent = new TimeSpent(systemClock, options.beganMs);
  spent.mark('load');
  const running = new RunningSet();
  const fatal = fatalChannel();
  const basics = agentBasics(createLogger('apiserver', options.verbosity, options.loggingFormat));

  try {
    const stages = await readStageFile(options.podStages);
    const { relay: relayFlags, retention, http2 = false, ...serverFlags } = options;
    const relay = await readRelayFlags(relayFlags ?? {});
    const encryption = await encryptionChoice({
      file: options.encryptionProviderConfig,
      isFollowed: options.encryptionProviderConfigAutomaticReload,
    });
    const rules = retentionRules(retention ?? '');
    const authentication = await clusterAuthentication(options);
    const authorization = await clusterAuthorization(options, options.say);
    const audit = auditOptionsOf(options, options.say);
    const admission = await admissionOptions(options.admissionControlConfigFile);
    const tokenKeys = readTokenKeys({
      signingKeyFile: options.serviceAccountSigningKeyFile,
      keyFiles: options.serviceAccountKeyFile ?? [],
    });
    // The directory is ours from here on, and dies with us.
    const held = running.add(holdDirectory(options.dataDir));
    const { directory, hadLog } = held;

    // The client plane: ordinary clients, on a thread of their own or in processes of their own. A thread reads its code while the
    // server plane comes up; if that fails it is stopped with the rest.
    const agents: Agents =
      options.isolate === true
        ? isolatedAgents(options, directory)
        : embeddedAgents(options, directory, {
            stages,
            tokenKeys,
            thread: running.add(startAgentsThread(fatal.raise)),
          });

    const plane = running.add(
      await startServerPlane({
        ...basics,
        directory,
        hadLog,
        fatal,
        spent,
        options: {
          ...serverFlags,
          ...relay,
          ...encryption,
          ...admission,
          ...agents.server,
          retention: rules,
          ...(audit === undefined ? {} : { audit }),
          flowControlSeats: defaultLimits.maxInFlight + defaultLimits.maxMutatingInFlight,
          serviceAccounts: (pki) => ({ ...ownServiceAccountKeys(pki), ...tokenKeys }),
          portFlag: '--port',
          authentication,
          hasOwnFrontProxy: true,
          ...(http2 ? { http2: {} } : {}),
          authorization,
          anonymousAuth: options.anonymousAuth && !allowsEverybody(authorization),
          hosts: [],
        },
      }),
    );

    // They stop before the server that they write to.
    await agents.run(plane, running);
    await Promise.race([
      clusterReady(plane.storage, { namespaces, nodes: options.nodes }),
      fatal.raised,
      abortion(options.signal),
    ]);
    spent.mark('controllers and nodes');

    options.say(`reckon is ready on ${plane.server} (${spent.toString()})`);
    options.say(`export KUBECONFIG=${directory.kubeconfig}`);
    return { port: plane.port, kubeconfig: directory.kubeconfig, onFatal: fatal.listen, stop: () => running.stop() };
  } catch (error) {
    await running.stop();
    throw error;
  }
}

interface Agents {
  /** What the server plane must know of them. */
  readonly server: Pick<ServerOptions, 'agentTokens' | 'kubelet' | 'agentsMetrics' | 'componentProbes' | 'hasSocket'>;
  /** Resolves when they run; adds to `running` what must be stopped. */
  run(plane: ServerPlane, running: RunningSet): Promise<void>;
}

interface EmbeddedParts {
  readonly stages: Awaited<ReturnType<typeof readStageFile>>;
  readonly tokenKeys: TokenKeys;
  readonly thread: AgentsThread;
}

/** On a thread of this process: each with a token of its own, over a socket. */
function embeddedAgents(
  options: ClusterOptions,
  directory: DataDirectory,
  { stages, tokenKeys, thread }: EmbeddedParts,
): Agents {
  const serviceAccounts = controllerTable.flatMap((row) =>
    row.serviceAccount === undefined ? [] : [row.serviceAccount],
  );
  const identities: AgentIdentities = newAgentIdentities(systemRandom, serviceAccounts);
  const kubelet = { port: 0, token: systemRandom.uuid() };
  // The thread does not end before the server.
  let isStarted = false;
  const probe = runningProbe(() => isStarted);
  return {
    server: {
      agentTokens: allIdentities(identities),
      agentsMetrics: () => thread.metrics(),
      componentProbes: { scheduler: probe, 'controller-manager': probe },
      hasSocket: true,
      kubelet: ({ storage, pki }) => {
        const tls = { caPem: pki.caPem };
        const own = () => ({ host: '127.0.0.1', port: kubelet.port, token: kubelet.token, tls });
        return clusterKubelets({ storage, pki, own });
      },
    },
    async run({ pki }, running) {
      running.add(thread);
      const { kubeletPort } = await thread.run({
        socketPath: directory.socket,
        identities,
        nodes: options.nodes,
        version: programVersion,
        verbosity: options.verbosity,
        ...(options.loggingFormat === undefined ? {} : { loggingFormat: options.loggingFormat }),
        rootCaPem: pki.caPem,
        signingAuthority: { certPem: pki.caPem, keyPem: pki.caKeyPem },
        serviceAccountKeyPem: tokenKeys.signingKeyPem ?? pki.serviceAccountKeyPem,
        serviceAccountTokenSecrets: options.serviceAccountTokenSecrets,
        kubeletToken: kubelet.token,
        stages,
        kubeletTls: { cert: pki.serving.certPem, key: pki.serving.keyPem },
      });
      kubelet.port = kubeletPort;
      isStarted = true;
    },
  };
}

/** `--isolate`: in processes of their own, over HTTPS, each with a client certificate. */
function isolatedAgents(options: ClusterOptions, directory: DataDirectory): Agents {
  let agents: IsolatedAgents | undefined;
  return {
    server: {
      hasSocket: false,
      componentProbes: {
        scheduler: runningProbe(() => agents?.isRunning('scheduler') ?? false),
        'controller-manager': runningProbe(() => agents?.isRunning('controller-manager') ?? false),
      },
      // The cluster's own nodes are in one process of this machine.
      kubelet: ({ storage, pki }) => {
        const client = kubeletClient(pki);
        const own = kubeletDialer(storage, {
          preferred: [],
          host: '127.0.0.1',
          tls: () => 'unverified',
          client: () => client,
        });
        return clusterKubelets({ storage, pki, own });
      },
    },
    async run(plane, running) {
      agents = running.add(await startIsolatedAgents({ options, directory, plane }));
    },
  };
}
