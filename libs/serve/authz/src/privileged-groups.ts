import { type Authorizer, type Decision, noOpinion } from './authorizer';

/** k8s.io/apiserver/pkg/authentication/user `SystemPrivilegedGroup` */
export const privilegedGroup = 'system:masters';

const allowed: Decision = { allowed: true, reason: '' };

/**
 * Who is of `system:masters` may do everything, whatever the stored policy says: nobody can lock themselves out. It lists no rules
 * (pkg/kubeapiserver/authorizer `newForConfig` has it among no rule resolvers): a review tells what the modes say.
 */
export const privilegedGroupAuthorizer: Authorizer = {
  name: 'AlwaysAllowGroups',
  authorize: ({ user }) => (user.groups.includes(privilegedGroup) ? allowed : noOpinion),
};
