// Loaded on first use, with zod.
import * as z from 'zod';
import type { GoStruct } from '../go-shape';
import type { JwtAuthenticatorConfig } from '../jwt/jwt-authenticator-config';

/** apiserver.config.k8s.io `AuthenticationConfiguration`; its versions differ in nothing that is here. */
export interface AuthenticationConfiguration {
  readonly jwt: readonly JwtAuthenticatorConfig[];
  /** undefined: as `--anonymous-auth` says. */
  readonly anonymous:
    { readonly enabled: boolean; readonly conditions: readonly { readonly path: string }[] } | undefined;
}

const text = z
  .string()
  .nullish()
  .transform((t) => t ?? '');
const texts = z
  .array(z.string())
  .nullish()
  .transform((t) => t ?? []);
const listOf = <T extends z.ZodType>(item: T) =>
  z
    .array(item)
    .nullish()
    .transform((items) => items ?? []);

const nothing = { claim: '', prefix: undefined, expression: '' };
const prefixed = z
  .strictObject({
    claim: text,
    prefix: z
      .string()
      .nullish()
      .transform((p) => p ?? undefined),
    expression: text,
  })
  .nullish()
  .transform((mapping) => mapping ?? nothing);

const noMappings = { username: nothing, groups: nothing, uid: { claim: '', expression: '' }, extra: [] };
const noIssuer = {
  url: '',
  discoveryURL: '',
  certificateAuthority: '',
  audiences: [],
  audienceMatchPolicy: '',
  egressSelectorType: '',
};

const jwt = z.strictObject({
  issuer: z
    .strictObject({
      url: text,
      discoveryURL: text,
      certificateAuthority: text,
      audiences: texts,
      audienceMatchPolicy: text,
      egressSelectorType: text,
    })
    .nullish()
    .transform((issuer) => issuer ?? noIssuer),
  claimValidationRules: listOf(z.strictObject({ claim: text, requiredValue: text, expression: text, message: text })),
  claimMappings: z
    .strictObject({
      username: prefixed,
      groups: prefixed,
      uid: z
        .strictObject({ claim: text, expression: text })
        .nullish()
        .transform((uid) => uid ?? noMappings.uid),
      extra: listOf(z.strictObject({ key: text, valueExpression: text })),
    })
    .nullish()
    .transform((mappings) => mappings ?? noMappings),
  userValidationRules: listOf(z.strictObject({ expression: text, message: text })),
});

/** The fields beside `apiVersion` and `kind`. */
export const authenticationConfigurationForm = z.strictObject({
  jwt: listOf(jwt),
  anonymous: z
    .strictObject({
      enabled: z
        .boolean()
        .nullish()
        .transform((enabled) => enabled ?? false),
      conditions: listOf(z.strictObject({ path: text })),
    })
    .nullish()
    .transform((anonymous) => anonymous ?? undefined),
});

const mapping = (name: string): GoStruct => ({
  name,
  fields: { claim: 'string', prefix: 'string', expression: 'string' },
});

/** The same as Go knows it: what has a wrong type is said in its words. */
export const authenticationConfigurationShape: GoStruct = {
  name: 'AuthenticationConfiguration',
  fields: {
    jwt: {
      listOf: {
        name: 'JWTAuthenticator',
        fields: {
          issuer: {
            name: 'Issuer',
            fields: {
              url: 'string',
              discoveryURL: 'string',
              certificateAuthority: 'string',
              audiences: 'strings',
              audienceMatchPolicy: 'string',
              egressSelectorType: 'string',
            },
          },
          claimValidationRules: {
            listOf: {
              name: 'ClaimValidationRule',
              fields: { claim: 'string', requiredValue: 'string', expression: 'string', message: 'string' },
            },
          },
          claimMappings: {
            name: 'ClaimMappings',
            fields: {
              username: mapping('PrefixedClaimOrExpression'),
              groups: mapping('PrefixedClaimOrExpression'),
              uid: { name: 'ClaimOrExpression', fields: { claim: 'string', expression: 'string' } },
              extra: { listOf: { name: 'ExtraMapping', fields: { key: 'string', valueExpression: 'string' } } },
            },
          },
          userValidationRules: {
            listOf: { name: 'UserValidationRule', fields: { expression: 'string', message: 'string' } },
          },
        },
      },
    },
    anonymous: {
      name: 'AnonymousAuthConfig',
      fields: {
        enabled: 'bool',
        conditions: { listOf: { name: 'AnonymousAuthCondition', fields: { path: 'string' } } },
      },
    },
  },
};
