import type { authenticationv1 } from '@reckon/api/types';
import type { UserInfo } from '@reckon/registry/generic';

/** `authentication/v1.UserInfo` of a user, fields in Go's order, empty ones left out. */
export function userInfoObject({ name, uid, groups, extra }: UserInfo): authenticationv1.UserInfo {
  return {
    ...(name === '' ? {} : { username: name }),
    ...(uid === undefined || uid === '' ? {} : { uid }),
    ...(groups.length === 0 ? {} : { groups: [...groups] }),
    ...(extra === undefined || Object.keys(extra).length === 0
      ? {}
      : { extra: Object.fromEntries(Object.entries(extra).map(([key, values]) => [key, [...values]])) }),
  };
}
