/** Who the server is to a webhook (a user of a kubeconfig). */
export interface WebhookCredentials {
  readonly token?: string;
  readonly basic?: { readonly username: string; readonly password: string };
  readonly certPem?: string;
  readonly keyPem?: string;
}

/** Credentials that end and are replaced. */
export interface WebhookCredentialSource {
  /** Those of now. Rejects where there are none, in words for a log and for the one whose request it is. */
  current(): WebhookCredentials | Promise<WebhookCredentials>;
  /** They were answered with 401: the next must be others, if there are any. */
  refused(credentials: WebhookCredentials): void;
}

/** `Authorization`, as far as credentials have one. */
export function authorizationHeader({
  token,
  basic,
}: WebhookCredentials): Readonly<Record<'authorization', string>> | undefined {
  if (token !== undefined) return { authorization: `Bearer ${token}` };
  if (basic === undefined) return undefined;
  return { authorization: `Basic ${Buffer.from(`${basic.username}:${basic.password}`).toString('base64')}` };
}
