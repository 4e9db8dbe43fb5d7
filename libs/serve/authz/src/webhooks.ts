// What only servers with webhooks or a configuration file need: it brings CEL and zod with it, so it is loaded when one is named.
export * from './config/validate-authorization-configuration';
export * from './webhook/match-conditions';
export * from './webhook/webhook-authorizer';
export * from './webhook/webhook-metrics';
