import type { UserInfo } from '@reckon/registry/generic';
import { isManyNodes } from './many-nodes';

const userPrefix = 'system:node:';
const nodesGroup = 'system:nodes';

/**
 * The node that a user is (pkg/auth/nodeidentifier `defaultNodeIdentifier`): undefined for everybody else, '' for one that is of
 * the group but has no name, and may do nothing. Who is many nodes is none of them.
 */
export function nodeIdentity({ name, groups }: UserInfo): string | undefined {
  return name.startsWith(userPrefix) && groups.includes(nodesGroup) && !isManyNodes({ groups })
    ? name.slice(userPrefix.length)
    : undefined;
}
