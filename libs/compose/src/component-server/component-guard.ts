import { statusErrors } from '@reckon/api/machinery';
import type { Authenticator } from '@reckon/serve/authn';
import type { Authorizer, AuthzAttributes } from '@reckon/serve/authz';
import { PeerCertificates, forbidden } from '@reckon/serve/http';
import type { IncomingMessage } from 'node:http';
import { openPaths } from './open-paths';

export interface GuardOptions {
  readonly authenticator: Authenticator;
  readonly authorizer: Authorizer;
  /** What a request wants to do; undefined: anybody may. */
  readonly attributesOf: (method: string, path: string) => Omit<AuthzAttributes, 'user'> | undefined;
}

/** Lets a request through, or throws the `StatusError` that says why not. */
export type Guard = (request: IncomingMessage, path: string) => Promise<void>;

/** Who asks a component something, and may they: k8s.io/apiserver's delegated authentication and authorization. */
export function componentGuard({ authenticator, authorizer, attributesOf }: GuardOptions): Guard {
  const certificates = new PeerCertificates();
  return async (request, path) => {
    const attributes = attributesOf(request.method ?? 'GET', path);
    if (attributes === undefined) return;
    const known = await authenticator.authenticate({
      authorization: request.headers.authorization ?? '',
      peerCertificate: certificates.of(request.socket),
      path,
      headers: request.headers,
      rawHeaders: request.rawHeaders,
    });
    if (known === undefined) throw statusErrors.unauthorized();
    const asked = { user: known.user, ...attributes };
    const { allowed, reason } = await authorizer.authorize(asked);
    if (!allowed) throw forbidden(asked, reason);
  };
}

/** Paths as such, each read by its own right (`nonResourceURLs`); the listed ones are open. Throws `OptionError`. */
export function pathAttributes(open: readonly string[]): GuardOptions['attributesOf'] {
  const isOpen = openPaths(open);
  return (method, path) => (isOpen(path) ? undefined : { ...noResource, verb: method.toLowerCase(), path });
}

export const noResource = {
  isResource: false,
  group: '',
  version: '',
  resource: '',
  subresource: '',
  namespace: '',
  name: '',
} as const;
