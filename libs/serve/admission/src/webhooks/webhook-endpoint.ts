import type { admissionregistrationv1 } from '@reckon/api/types';
import type { WebhookCredentials, WebhookCredentialSource } from '@reckon/serve/authn';
import type { ServiceResolver } from './service-resolver';
import type { Endpoint } from './webhook-client';

/** Who the server is to a target `host:port` (`kubeConfigFile` of a WebhookAdmissionConfiguration). */
export type CredentialsOf = (hostAndPort: string) => WebhookCredentials | WebhookCredentialSource;

export interface EndpointParts {
  readonly services: ServiceResolver;
  readonly credentialsOf: CredentialsOf;
}

/** Where a client configuration leads; its form was checked when it was written (util/webhook `ClientManager.HookClient`). */
export function endpointOf(config: admissionregistrationv1.WebhookClientConfig, parts: EndpointParts): Endpoint {
  const caPem = Buffer.from(config.caBundle ?? '', 'base64').toString('utf8');
  const { service } = config;
  if (service) {
    const { namespace, name, path = '', port = 443 } = service;
    const host = `${name}.${namespace}.svc`;
    const authority = `${host}:${String(port)}`;
    return {
      authority,
      path: joinedPath(path),
      host,
      port,
      caPem,
      credentials: parts.credentialsOf(authority),
      dial: () => parts.services.resolve(namespace, name, port),
    };
  }
  const url = new URL(config.url ?? '');
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const port = url.port === '' ? 443 : Number(url.port);
  return {
    // As it is written there, with port 443 too.
    authority: /^[^:]+:\/\/([^/?#]*)/.exec(config.url ?? '')?.[1] ?? url.host,
    path: joinedPath(url.pathname),
    host,
    port,
    caPem,
    credentials: parts.credentialsOf(`${url.hostname}:${String(port)}`),
  };
}

/** client-go/rest `NewRequest` joins paths: of slashes one stays, and none at the end. */
const joinedPath = (path: string): string =>
  `/${path
    .split('/')
    .filter((part) => part !== '')
    .join('/')}`;
