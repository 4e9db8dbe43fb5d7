import type { RestClient } from '@reckon/client/rest';
import { type Running, RunningSet, processMetrics } from '@reckon/kernel';
import { type HealthCheck, buildInfo } from '@reckon/serve/http';
import type { AgentBasics } from '../agents/agent-basics';
import { followClientCa } from '../component-server/client-ca-follower';
import { componentPagesOf } from '../component-server/component-pages-of';
import { pathAttributes } from '../component-server/component-guard';
import { type ListenAt, startComponentServer } from '../component-server/component-server';
import { delegatedGuard } from '../component-server/delegated-guard';
import { certificateFiles, servingCertificate } from '../component-server/serving-certificate';
import { type TlsSecurityFlags, tlsSecurity } from '../component-server/tls-security';
import { shownFlags } from '../flag-texts';
import type { FlagTable } from '../flags/flag-table';
import { followedTls } from '../followed-tls';
import { listenError } from '../listen-error';
import { namedCertificateFiles, openTlsFiles } from '../tls-files';
import { apiClient, apiClientConfig } from './api-client';

export interface ComponentPagesFlags extends TlsSecurityFlags {
  readonly 'bind-address': string;
  readonly 'secure-port': number;
  readonly 'cert-dir': string;
  readonly 'tls-cert-file': string;
  readonly 'tls-private-key-file': string;
  readonly 'tls-sni-cert-key': readonly string[];
  readonly 'client-ca-file': string;
  readonly 'authentication-kubeconfig': string;
  readonly 'authentication-skip-lookup': boolean;
  readonly 'authentication-token-webhook-cache-ttl': number;
  readonly 'authorization-kubeconfig': string;
  readonly 'authorization-always-allow-paths': readonly string[];
  readonly 'authorization-webhook-cache-authorized-ttl': number;
  readonly 'authorization-webhook-cache-unauthorized-ttl': number;
}

/** The HTTPS server of the controller manager and of the scheduler, guarded by the apiserver they work for. */
export async function startComponentPages(options: {
  readonly table: FlagTable;
  readonly flags: ComponentPagesFlags;
  /** The component's own client, asked where no other is named. */
  readonly rest: RestClient;
  readonly basics: AgentBasics;
  readonly warn: (line: string) => void;
  readonly health: readonly HealthCheck[];
  readonly configz: () => Readonly<Record<string, unknown>>;
}): Promise<Running & { readonly port: number }> {
  const { flags, rest, basics, health, configz } = options;
  const { program } = options.table;
  processMetrics(basics.metrics, basics.clock);
  buildInfo(basics.metrics);
  const running = new RunningSet();
  const clientOf = (kubeconfig: string): RestClient => {
    if (kubeconfig === '') return rest;
    const client = apiClient(apiClientConfig({ kubeconfig }, program), basics);
    running.add({ stop: () => client.close() });
    return client;
  };
  const tokenReviewer = clientOf(flags['authentication-kubeconfig']);
  const clientCaFile = flags['client-ca-file'];
  const guard = delegatedGuard({
    ...basics,
    tokenReviewer,
    accessReviewer: clientOf(flags['authorization-kubeconfig']),
    anonymous: true,
    tokenKeepMs: flags['authentication-token-webhook-cache-ttl'],
    allowedKeepMs: flags['authorization-webhook-cache-authorized-ttl'],
    refusedKeepMs: flags['authorization-webhook-cache-unauthorized-ttl'],
    attributesOf: pathAttributes(flags['authorization-always-allow-paths']),
  });
  const serving = certificateFiles(flags, program);
  const { cert, key } = servingCertificate(flags, program, basics.clock);
  const tls = followedTls({
    own: { caPem: '', serving: { certPem: cert, keyPem: key } },
    security: tlsSecurity(flags, options.warn),
    opened: openTlsFiles({
      ...(serving === undefined ? {} : { serving }),
      named: flags['tls-sni-cert-key'].map(namedCertificateFiles),
      ...(clientCaFile === '' ? {} : { clientCaFile }),
    }),
  });
  const { clientCa, ...shown } = tls.material();
  const at: ListenAt = {
    host: flags['bind-address'],
    port: flags['secure-port'],
    tls: shown,
    ...(clientCa === undefined ? {} : { clientCa }),
  };
  const pages = componentPagesOf({
    ...basics,
    name: program,
    flags: shownFlags(options.table, flags),
    guard,
    health,
    configz,
  });
  const server = running.add(
    await startComponentServer(pages, at).catch((error: unknown) => {
      throw listenError(error, { address: at.host, port: at.port, portFlag: '--secure-port' });
    }),
  );
  running.add(tls.follow({ ...basics, use: server.useTls }));
  if (clientCaFile === '' && !flags['authentication-skip-lookup'])
    running.add(followClientCa({ ...basics, rest: tokenReviewer, use: server.trust }));
  return { port: server.port, stop: () => running.stop() };
}
