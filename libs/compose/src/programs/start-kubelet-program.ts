import { hostname } from 'node:os';
import { durationText } from '@reckon/api/machinery';
import type { RestClient } from '@reckon/client/rest';
import { type Running, RunningSet, processMetrics } from '@reckon/kernel';
import type { NodeRegistration } from '@reckon/node/kubelet';
import { buildInfo } from '@reckon/serve/http';
import { type AgentBasics, agentBasics } from '../agents/agent-basics';
import { queueMetricsOf } from '../agents/run-controllers';
import { runKubelet } from '../agents/run-kubelet';
import { type ComponentPages, answerPage, startHealthServer } from '../component-server/component-server';
import { componentPagesOf } from '../component-server/component-pages-of';
import { delegatedGuard } from '../component-server/delegated-guard';
import {
  type ServingCertificate,
  certificateFiles,
  readCertificate,
  servingCertificate,
} from '../component-server/serving-certificate';
import { tlsSecurity } from '../component-server/tls-security';
import { kubeletConfigFiles } from '../config/kubelet-config-files';
import { overlaid } from '../config/read-config-file';
import { shownFlags } from '../flag-texts';
import { type KubeletFlags, kubeletFlags } from '../flags/kubelet-flags';
import { followFiles } from '../follow-files';
import { hostAddress } from '../host-address';
import { listenError } from '../listen-error';
import { createLogger } from '../logger';
import { OptionError } from '../option-error';
import { readStageFile } from '../read-stage-file';
import { readAuthorities } from '../tls-files';
import { type KubeletIdentity, joinCluster, kubeletClients, rotateServingCertificate } from './kubelet-certificates';
import { kubeletAttributes } from './kubelet-paths';
import { nodeNameOf, taintsOf } from './node-flags';
import { requestRateOf } from './request-rate';
import type { ProgramRun } from './run-program';
import { tellWhenUnreachable } from './tell-unreachable';
import { programVersion } from './version';

type Run = ProgramRun<(typeof kubeletFlags)['sections']>;

const loopback = '127.0.0.1';

/** `reckon kubelet`: one node, or a fleet of them, in this process. In flow order. */
export async function startKubeletProgram({ parsed, signal, warn, say }: Run): Promise<Running> {
  const flags = overlaid(parsed, await kubeletConfigFiles(parsed.values, warn));
  const stages = await readStageFile(flags['pod-stages'] === '' ? undefined : flags['pod-stages']);
  const name = nodeNameOf(
    flags['hostname-override'] === '' ? hostname() : flags['hostname-override'],
    '--hostname-override',
  );
  const prefix = flags['node-name-prefix'] === '' ? name : nodeNameOf(flags['node-name-prefix'], '--node-name-prefix');
  const isOne = flags.nodes === 1 && flags['node-name-prefix'] === '';
  const registration = registrationOf(flags);
  const running = new RunningSet();
  const basics = agentBasics(createLogger('kubelet', flags.v, flags['logging-format']));
  const requestRate = requestRateOf(flags, { perSecond: 50, burst: 100 });
  const identity: KubeletIdentity = { flags, basics, nodeName: name };
  if (!isOne) refuseForFleets(flags);
  await joinCluster(identity, { signal, say });
  const { rest, aside } = running.add(kubeletClients(identity, requestRate));
  running.add(tellWhenUnreachable({ ...basics, rest: aside, kubeconfig: flags.kubeconfig, say, warn }));
  try {
    const { internalIp } = registration;
    const serving = flags['rotate-server-certificates']
      ? running.add(
          rotateServingCertificate(identity, { rest: aside, addresses: internalIp === undefined ? [] : [internalIp] }),
        )
      : undefined;
    const authorities = clientAuthorities(flags, rest.config.caPem);
    const clientCa = authorities?.caPem();
    const pages = pagesOf(flags, {
      rest: aside,
      basics,
      nodeName: isOne ? name : `${prefix}-0`,
      ...(authorities === undefined ? {} : { clientCaPem: authorities.caPem }),
    });
    const at = { host: flags.address, port: flags.port };
    const kubelet = running.add(
      await runKubelet({
        ...basics,
        metrics: queueMetricsOf(basics),
        rest,
        nodes: flags.nodes,
        namePrefix: prefix,
        ...(isOne ? { nodeName: name } : {}),
        registration,
        kubeletVersion: programVersion,
        stages,
        listen: {
          ...at,
          tls: { ...(serving?.tls ?? servingCertificate(flags, 'kubelet', basics.clock)), ...tlsSecurity(flags, warn) },
          onCertificate: (use) => {
            if (serving !== undefined) serving.onCertificate(use);
            else followCertificate(flags, { ...basics, running, use });
          },
          ...(clientCa === undefined ? {} : { clientCa }),
          onClientCa: (use) => {
            if (authorities !== undefined) running.add(authorities.follow({ ...basics, use }));
          },
          // The guard has let the request through.
          before: (request, response) => answerPage(pages, request, response),
          authorize: () => true,
        },
      }).catch((error: unknown) => {
        throw listenError(error, { address: at.host, port: at.port, portFlag: '--port', addressFlag: '--address' });
      }),
    );
    const healthPort = flags['healthz-port'];
    const host = flags['healthz-bind-address'];
    if (healthPort !== 0)
      running.add(
        await startHealthServer([], { host, port: healthPort }).catch((error: unknown) => {
          throw listenError(error, {
            address: host,
            port: healthPort,
            portFlag: '--healthz-port',
            addressFlag: '--healthz-bind-address',
          });
        }),
      );
    const who = isOne ? `node ${name}` : `${String(flags.nodes)} nodes ${prefix}-0…`;
    say(`kubelet of ${who} at ${rest.config.server}, answering on ${at.host}:${String(kubelet.port)}`);
    return running;
  } catch (error) {
    await running.stop();
    throw error;
  }
}

/** The certificate that the flags name is read again when it changes; one that was made here lives as long as the process. */
function followCertificate(
  flags: KubeletFlags,
  parts: Pick<AgentBasics, 'timers' | 'logger'> & {
    readonly running: RunningSet;
    readonly use: (certificate: ServingCertificate) => void;
  },
): void {
  const { running, timers, logger, use } = parts;
  const files = certificateFiles(flags, 'kubelet');
  if (files === undefined) return;
  running.add(
    followFiles({
      what: 'certificate of the kubelet',
      files: [files.certFile, files.keyFile],
      timers,
      logger,
      // Read and proved again, so that what is wrong is told as at the start.
      use: () => {
        use(readCertificate(files));
      },
    }),
  );
}

interface ClientAuthorities {
  /** PEM: as it is now. */
  readonly caPem: () => string;
  readonly follow: (
    parts: Pick<AgentBasics, 'timers' | 'logger'> & { readonly use: (caPem: string) => void },
  ) => Running;
}

/** Whose client certificates are good: `--client-ca-file`, which is followed, or the authority of the kubeconfig. */
function clientAuthorities(flags: KubeletFlags, ofKubeconfig: string | undefined): ClientAuthorities | undefined {
  const file = flags['client-ca-file'];
  if (file === '')
    return ofKubeconfig === undefined
      ? undefined
      : { caPem: () => ofKubeconfig, follow: () => ({ stop: () => Promise.resolve() }) };
  const read = (): string => readAuthorities(file, '--client-ca-file');
  let caPem = read();
  return {
    caPem: () => caPem,
    follow: ({ timers, logger, use }) =>
      followFiles({
        what: 'authorities of clients of the kubelet',
        files: [file],
        timers,
        logger,
        use() {
          const next = read();
          use(next);
          caPem = next;
        },
      }),
  };
}

/** Certificates are for one node. */
function refuseForFleets(flags: KubeletFlags): void {
  for (const flag of ['bootstrap-kubeconfig', 'rotate-certificates', 'rotate-server-certificates'] as const)
    if (flags[flag] !== '' && flags[flag] !== false)
      throw new OptionError(
        `--${flag} is for one node, and this process plays several`,
        'leave it out, or --nodes and --node-name-prefix',
      );
}

function registrationOf(flags: KubeletFlags): NodeRegistration {
  const nodeIp = flags['node-ip'];
  if (nodeIp !== '' && flags['node-addresses'] === 'simulated')
    throw new OptionError('--node-ip and --node-addresses=simulated exclude each other', 'leave one of them out');
  // A server that listens on one address only is reached there.
  const listens = flags.address === '0.0.0.0' || flags.address === '::' ? (hostAddress() ?? loopback) : flags.address;
  const taints = taintsOf(flags['register-with-taints']);
  return {
    ...(flags['node-addresses'] === 'simulated' ? {} : { internalIp: nodeIp === '' ? listens : nodeIp }),
    labels: flags['node-labels'],
    ...(taints.length === 0 ? {} : { taints }),
    unschedulable: !flags['register-schedulable'],
    ...(flags['provider-id'] === '' ? {} : { providerId: flags['provider-id'] }),
    maxPods: flags['max-pods'],
    isMade: flags['register-node'],
  };
}

function pagesOf(
  flags: KubeletFlags,
  parts: {
    readonly rest: RestClient;
    readonly basics: AgentBasics;
    readonly nodeName: string;
    readonly clientCaPem?: () => string;
  },
): ComponentPages {
  const { rest, basics, nodeName, clientCaPem } = parts;
  processMetrics(basics.metrics, basics.clock);
  buildInfo(basics.metrics);
  return componentPagesOf({
    ...basics,
    name: kubeletFlags.program,
    flags: shownFlags(kubeletFlags, flags),
    guard: delegatedGuard({
      ...basics,
      ...(clientCaPem === undefined ? {} : { clientCaPem }),
      tokenReviewer: flags['authentication-token-webhook'] ? rest : undefined,
      accessReviewer: flags['authorization-mode'] === 'Webhook' ? rest : undefined,
      anonymous: flags['anonymous-auth'],
      tokenKeepMs: flags['authentication-token-webhook-cache-ttl'],
      allowedKeepMs: flags['authorization-webhook-cache-authorized-ttl'],
      refusedKeepMs: flags['authorization-webhook-cache-unauthorized-ttl'],
      attributesOf: kubeletAttributes(nodeName),
    }),
    health: [],
    configz: () => ({
      kubeletconfig: {
        address: flags.address,
        port: flags.port,
        authentication: {
          x509: { clientCAFile: flags['client-ca-file'] },
          webhook: {
            enabled: flags['authentication-token-webhook'],
            cacheTTL: durationText(flags['authentication-token-webhook-cache-ttl']),
          },
          anonymous: { enabled: flags['anonymous-auth'] },
        },
        authorization: {
          mode: flags['authorization-mode'],
          webhook: {
            cacheAuthorizedTTL: durationText(flags['authorization-webhook-cache-authorized-ttl']),
            cacheUnauthorizedTTL: durationText(flags['authorization-webhook-cache-unauthorized-ttl']),
          },
        },
        healthzPort: flags['healthz-port'],
        healthzBindAddress: flags['healthz-bind-address'],
        kubeAPIQPS: flags['kube-api-qps'],
        kubeAPIBurst: flags['kube-api-burst'],
        maxPods: flags['max-pods'],
        registerNode: flags['register-node'],
      },
    }),
  });
}
