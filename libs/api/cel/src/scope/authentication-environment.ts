import { type CelEnvironment, environmentOf } from '../check/cel-environment';
import { celTypes, listOf, mapOf, objectType } from '../check/cel-type';

const { any, string } = celTypes;

/** What expressions about the claims of a token see (apiserver/pkg/authentication/cel). */
export const claimsEnvironment = (): CelEnvironment => environmentOf({ variables: [['claims', mapOf(string, any)]] });

/** What rules about the user that claims came to see. */
export const userEnvironment = (): CelEnvironment =>
  environmentOf({
    variables: [['user', objectType('kubernetes.UserInfo')]],
    objects: {
      'kubernetes.UserInfo': {
        username: string,
        uid: string,
        groups: listOf(string),
        extra: mapOf(string, listOf(string)),
      },
    },
  });
