import type { PodInfo } from '../cache/pod-info';
import type { CycleState } from '../framework/cycle-state';
import type { Profile } from '../framework/profile';
import { type Outcome, errorStatus, skip } from '../framework/status';

/** A pod on its way to a node, after `reserve`. */
export interface Binding {
  readonly profile: Profile;
  readonly state: CycleState;
  readonly pod: PodInfo;
  readonly nodeName: string;
}

/** Reserves; what a plugin refuses is undone by all of them, last first. */
export function reserve({ profile, state, pod, nodeName }: Binding): Outcome {
  for (const plugin of profile.reserve) {
    const status = plugin.reserve?.(state, pod, nodeName);
    if (status === undefined) continue;
    unreserve({ profile, state, pod, nodeName });
    return status;
  }
  return undefined;
}

export function unreserve({ profile, state, pod, nodeName }: Binding): void {
  for (const plugin of [...profile.reserve].reverse()) plugin.unreserve?.(state, pod, nodeName);
}

/** Asks every permit plugin; those that say `Wait` are waited for together. */
export function permit({ profile, state, pod, nodeName }: Binding): {
  readonly status: Outcome;
  readonly verdicts: readonly Promise<Outcome>[];
} {
  const verdicts: Promise<Outcome>[] = [];
  for (const plugin of profile.permit) {
    const { status, verdict } = plugin.permit(state, pod, nodeName);
    if (status === undefined) continue;
    if (status.code !== 'Wait') return { status, verdicts: [] };
    if (verdict !== undefined) verdicts.push(verdict);
  }
  return { status: undefined, verdicts };
}

/** From the verdicts of permit to postBind. Never rejects. */
export async function bind(binding: Binding, verdicts: readonly Promise<Outcome>[]): Promise<Outcome> {
  const { profile, state, pod, nodeName } = binding;
  try {
    for (const verdict of verdicts) {
      const status = await verdict;
      if (status !== undefined) return status;
    }
    for (const plugin of profile.preBind) {
      const status = await plugin.preBind(state, pod, nodeName);
      if (status !== undefined) return status;
    }
    for (const plugin of profile.bind) {
      const status = await plugin.bind(state, pod, nodeName);
      if (status === skip) continue;
      if (status === undefined) for (const after of profile.postBind) after.postBind(state, pod, nodeName);
      return status;
    }
    return errorStatus('', 'no bind plugin took the pod');
  } catch (error) {
    return errorStatus('', error);
  }
}
