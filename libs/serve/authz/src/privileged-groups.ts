import type { Authorizer, Decision } from './authorizer';
import type { RuleResolver } from './rule-resolver';

/** k8s.io/apiserver/pkg/authentication/user `SystemPrivilegedGroup` */
export const privilegedGroup = 'system:masters';

const allowed: Decision = { allowed: true, reason: '' };
const noOpinion: Decision = { allowed: false, reason: '' };
const everything = [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }];
const everyPath = [{ verbs: ['*'], nonResourceURLs: ['*'] }];

/** Who is of `system:masters` may do everything, whatever the stored policy says: nobody can lock themselves out. */
export const privilegedGroupAuthorizer: Authorizer & RuleResolver = {
  name: 'AlwaysAllowGroups',
  authorize: ({ user }) => (user.groups.includes(privilegedGroup) ? allowed : noOpinion),
  rulesFor: (user) => ({
    rules: user.groups.includes(privilegedGroup) ? [...everything, ...everyPath] : [],
    errors: [],
  }),
};
