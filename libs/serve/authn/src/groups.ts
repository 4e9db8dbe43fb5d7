import type { UserInfo } from '@reckon/registry/generic';

/** k8s.io/apiserver/pkg/authentication/user */
export const anonymousUser: UserInfo = { name: 'system:anonymous', groups: ['system:unauthenticated'] };

const authenticatedGroup = 'system:authenticated';

/** group.NewAuthenticatedGroupAdder: whoever is known is also one of `system:authenticated`. */
export function withAuthenticatedGroup(user: UserInfo): UserInfo {
  const { groups } = user;
  if (
    user.name === anonymousUser.name ||
    groups.includes(authenticatedGroup) ||
    groups.includes('system:unauthenticated')
  )
    return user;
  return { ...user, groups: [...groups, authenticatedGroup] };
}
