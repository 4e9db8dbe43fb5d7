import { stateKey } from '../framework/cycle-state';
import type { Plugin } from '../framework/plugin';
import { errorStatus, unresolvable, unschedulable } from '../framework/status';

const name = 'DynamicResources';
const looked = stateKey<true>(name);
const notLookedAt = errorStatus(name, 'not found');
const nothingToDeallocate = unschedulable(name, 'no new claims to deallocate');

/**
 * Of dynamic resource allocation only what a pod without claims shows of it: a word in the message when no node fits
 * (plugins/dynamicresources.PostFilter). Nothing here allocates devices, so a pod with resource claims fits nowhere.
 */
export const dynamicResources = (): Plugin => ({
  name,
  preFilter: (state, { pod }) => {
    state.write(looked, true);
    return (pod.spec?.resourceClaims?.length ?? 0) === 0
      ? {}
      : { status: unresolvable(name, 'resource claims cannot be allocated: no device allocator is running') };
  },
  // Where another plugin refused the pod before our preFilter, upstream finds no state, and its message ends with just these words.
  postFilter: (state) => ({ status: state.read(looked) === true ? nothingToDeallocate : notLookedAt }),
});
