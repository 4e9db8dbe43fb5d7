/** One entry of `jwt` in an AuthenticationConfiguration (k8s.io/apiserver/pkg/apis/apiserver `JWTAuthenticator`); '' is not given. */
export interface JwtAuthenticatorConfig {
  readonly issuer: JwtIssuer;
  readonly claimValidationRules: readonly ClaimValidationRule[];
  readonly claimMappings: ClaimMappings;
  readonly userValidationRules: readonly UserValidationRule[];
}

export interface JwtIssuer {
  readonly url: string;
  /** Where the configuration is found, if not at the issuer. */
  readonly discoveryURL: string;
  /** PEM; '': the authorities of this machine. */
  readonly certificateAuthority: string;
  readonly audiences: readonly string[];
  readonly audienceMatchPolicy: string;
  readonly egressSelectorType: string;
}

export interface ClaimValidationRule {
  readonly claim: string;
  readonly requiredValue: string;
  readonly expression: string;
  readonly message: string;
}

export interface UserValidationRule {
  readonly expression: string;
  readonly message: string;
}

export interface PrefixedClaim {
  readonly claim: string;
  /** undefined differs from '': whoever names a claim must say something. */
  readonly prefix: string | undefined;
  readonly expression: string;
}

export interface ClaimMappings {
  readonly username: PrefixedClaim;
  readonly groups: PrefixedClaim;
  readonly uid: { readonly claim: string; readonly expression: string };
  readonly extra: readonly { readonly key: string; readonly valueExpression: string }[];
}

/** All that a token may be signed with: never `none`, never a shared secret. */
export const signingAlgorithms = [
  'ES256',
  'ES384',
  'ES512',
  'PS256',
  'PS384',
  'PS512',
  'RS256',
  'RS384',
  'RS512',
] as const;
