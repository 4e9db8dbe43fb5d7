import type { PodInfo } from '../cache/pod-info';
import type { CycleState } from './cycle-state';
import type { NodeToStatus } from './diagnosis';
import type { PostFilterAnswer } from './plugin';
import type { Profile } from './profile';

export interface PostFiltered {
  /** Why no room could be made; '' when it was. */
  readonly message: string;
  /** As in `PostFilterAnswer`. */
  readonly nominatedNodeName?: string;
}

/** Asks one plugin after another until one makes room (framework/runtime.RunPostFilterPlugins). A promise where a plugin gave one. */
export function runPostFilters(
  profile: Profile,
  state: CycleState,
  pod: PodInfo,
  statuses: NodeToStatus,
): PostFiltered | Promise<PostFiltered> {
  const messages: string[] = [];
  let nominated: string | undefined;
  const plugins = profile.postFilter.values();
  /** The end, if that is it. */
  const take = ({ status, nominatedNodeName }: PostFilterAnswer): PostFiltered | undefined => {
    if (status === undefined) return ended('', nominatedNodeName);
    const message = status.reasons.join(', ');
    if (status.code === 'UnschedulableAndUnresolvable') return ended(message, nominatedNodeName);
    if (status.code !== 'Unschedulable') return ended(message, undefined);
    nominated = nominatedNodeName ?? nominated;
    messages.push(message);
    return undefined;
  };
  const goOn = (): PostFiltered | Promise<PostFiltered> => {
    for (const plugin of plugins) {
      const answer = plugin.postFilter(state, pod, statuses);
      if (answer instanceof Promise) return answer.then((late) => take(late) ?? goOn());
      const end = take(answer);
      if (end !== undefined) return end;
    }
    return ended(messages.join(', '), nominated);
  };
  return goOn();
}

const ended = (message: string, nominatedNodeName: string | undefined): PostFiltered =>
  nominatedNodeName === undefined ? { message } : { message, nominatedNodeName };
