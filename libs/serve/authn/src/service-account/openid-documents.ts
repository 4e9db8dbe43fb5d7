import type { TokenKey } from './token-key';

/** What `/openid/v1/jwks` answers (pkg/serviceaccount `NewOpenIDMetadata`). */
export function keySetDocument(keys: readonly TokenKey[]): object {
  return {
    keys: keys.map(({ id, algorithm, key }) => ({
      use: 'sig',
      kid: id,
      alg: algorithm,
      ...key.export({ format: 'jwk' }),
    })),
  };
}

/** What `/.well-known/openid-configuration` answers. */
export function openidConfigurationDocument(options: {
  readonly issuer: string;
  /** Where the key set is found from outside, `https://host:port/openid/v1/jwks`. */
  readonly jwksUri: string;
  readonly keys: readonly TokenKey[];
}): object {
  return {
    issuer: options.issuer,
    jwks_uri: options.jwksUri,
    response_types_supported: ['id_token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: [...new Set(options.keys.map(({ algorithm }) => algorithm))].sort(),
  };
}
