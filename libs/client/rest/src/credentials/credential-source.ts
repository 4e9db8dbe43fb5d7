/** What proves who a client is. */
export interface Credentials {
  readonly token?: string;
  readonly basic?: BasicCredentials;
  readonly certPem?: string;
  readonly keyPem?: string;
}

export interface BasicCredentials {
  readonly username: string;
  readonly password: string;
}

/** Credentials that end and are replaced. */
export interface CredentialSource {
  /** Those of now. Rejects where there are none, in words for a log. */
  current(): Credentials | Promise<Credentials>;
  /** The server refused them: the next must be others, if there are any. */
  refused(credentials: Credentials): void;
}
