import type { Authorizer } from './authorizer';
import type { RuleResolver } from './rule-resolver';

type Constant = Authorizer & RuleResolver;

/** Everybody may do everything (k8s.io/apiserver/pkg/authorization/authorizerfactory `NewAlwaysAllowAuthorizer`). */
export const alwaysAllow: Constant = {
  name: 'AlwaysAllow',
  authorize: () => ({ allowed: true, reason: '' }),
  rulesFor: () => ({
    rules: [
      { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
      { verbs: ['*'], nonResourceURLs: ['*'] },
    ],
    errors: [],
  }),
};

/** Nobody may do anything that no earlier one allows. It is not a firm no: later ones are asked. */
export const alwaysDeny: Constant = {
  name: 'AlwaysDeny',
  authorize: () => ({ allowed: false, reason: 'Everything is forbidden.' }),
  rulesFor: () => ({ rules: [], errors: [] }),
};
