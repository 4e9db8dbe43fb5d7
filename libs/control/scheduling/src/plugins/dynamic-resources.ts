import type { Plugin } from '../framework/plugin';
import { unresolvable, unschedulable } from '../framework/status';

const name = 'DynamicResources';
const nothingToDeallocate = unschedulable(name, 'no new claims to deallocate');

/**
 * Of dynamic resource allocation only what a pod without claims shows of it: a word in the message when no node fits
 * (plugins/dynamicresources.PostFilter). Nothing here allocates devices, so a pod with resource claims fits nowhere.
 */
export const dynamicResources = (): Plugin => ({
  name,
  preFilter: (_, { pod }) =>
    (pod.spec?.resourceClaims?.length ?? 0) === 0
      ? {}
      : { status: unresolvable(name, 'resource claims cannot be allocated: no device allocator is running') },
  postFilter: () => ({ status: nothingToDeallocate }),
});
