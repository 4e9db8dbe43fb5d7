import { ClientConfigError, connectionPems, credentialsOf, loadKubeconfig, tunnelThrough } from '@reckon/client/rest';
import { systemClock } from '@reckon/kernel';
import type { WebhookEndpoint } from '@reckon/serve/authn';
import { programVersion } from '@reckon/serve/http';

/** Where the current context of a kubeconfig leads, and who we are there. Throws what cannot be read or used. */
export function readWebhookEndpoint(file: string): WebhookEndpoint {
  const config = loadKubeconfig(file, { userAgent: `kube-apiserver/${programVersion}` });
  const { server, insecureSkipTlsVerify, tlsServerName, proxyUrl } = config;
  if (!URL.canParse(server)) throw new Error(`${file}: its server ${server} is no URL`);
  if (proxyUrl !== undefined && !server.startsWith('https:'))
    throw new ClientConfigError(`${file}: proxy-url is for servers by https:, not ${server}`, 'leave it out');
  // Whoever gives these credentials goes by the time of day.
  const credentials = credentialsOf(config, { clock: systemClock, cluster: config });
  const pems = connectionPems(config, systemClock);
  return {
    server,
    ...('fixed' in credentials ? credentials.fixed : { source: credentials.source }),
    ...(config.caPem === undefined ? {} : { authorities: () => pems().caPem }),
    ...(insecureSkipTlsVerify === undefined ? {} : { insecureSkipTlsVerify }),
    ...(tlsServerName === undefined ? {} : { tlsServerName }),
    ...(proxyUrl === undefined ? {} : { tunnel: tunnelThrough(proxyUrl) }),
  };
}

/** The same of one that answers reviews, which hold tokens: over TLS only. */
export function readReviewEndpoint(file: string): WebhookEndpoint {
  const endpoint = readWebhookEndpoint(file);
  if (!endpoint.server.startsWith('https:'))
    throw new Error(`${file}: its server ${endpoint.server} must begin with https:`);
  return endpoint;
}
