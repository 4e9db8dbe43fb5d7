/** Tokens that others vouch for. Loaded where one of these is configured: with jose, zod, YAML and CEL. */
export * from './configuration/dynamic-jwt-tokens';
export * from './configuration/read-authentication-configuration';
export { type CompiledJwtAuthenticator, compileJwtAuthenticator } from './jwt/compile-jwt-authenticator';
export { jwtMetrics } from './jwt/jwt-metrics';
export { type JwtAuthenticatorConfig, signingAlgorithms } from './jwt/jwt-authenticator-config';
export * from './webhook/webhook-tokens';
export { tokenCacheMetrics } from './token-cache-metrics';
