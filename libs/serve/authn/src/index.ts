export * from './anonymous-rule';
export * from './authenticator';
export * from './bootstrap-tokens';
export { BoundedMap } from './bounded-map';
export * from './cached-tokens';
export * from './certificates/certificate-pool';
export * from './certificates/client-verifier';
export * from './certificates/expiration-metric';
export * from './create-authenticator';
export * from './front-proxy/front-proxy';
export { type GoStruct, goShapeProblem } from './go-shape';
export { anonymousUser } from './groups';
export * from './header-text';
export * from './passwords/basic-authenticator';
export * from './passwords/password-file';
export * from './reviews/request-token';
export * from './reviews/self-subject-review';
export * from './reviews/token-review';
export { userInfoObject } from './reviews/user-info-object';
export * from './service-account/openid-documents';
export * from './service-account/service-account-tokens';
export { serviceAccountGroups, serviceAccountUsername } from './service-account/service-account-user';
export { lastUsedLabel, type LegacyTokenDay } from './service-account/legacy-token-use';
export { legacyIssuer } from './service-account/token-claims';
export * from './service-account/token-issuer';
export {
  signingKey,
  tokenKey,
  tokenKeys,
  TokenKeyError,
  type SigningKey,
  type TokenKey,
} from './service-account/token-key';
export * from './static-tokens';
export * from './token-authenticator';
export * from './token-file';
export * from './token-union';
export * from './webhook/ask-webhook';
export { goNetworkError } from './webhook/go-network-error';
export { httpFailure } from './webhook/http-failure';
export { reviewStatus } from './webhook/read-review';
export * from './webhook/webhook-client';
export * from './webhook/webhook-credentials';
export * from './x509-authenticator';
