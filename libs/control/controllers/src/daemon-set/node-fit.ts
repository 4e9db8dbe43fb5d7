import { anyTolerates, requiredNodeMatches, untoleratedTaint } from '@reckon/control/runtime';
import type { DaemonSet, Node } from './daemon-set';
import { daemonTolerations } from './daemon-pod';

export interface Fit {
  /** It is to have a pod. */
  readonly shouldRun: boolean;
  /** A pod that it has may stay. */
  readonly mayStay: boolean;
}

const no: Fit = { shouldRun: false, mayStay: false };

/** What the template says of a node (daemon.NodeShouldRunDaemonPod): a new taint keeps new pods away, and only NoExecute drives old ones out. */
export function fitOf(set: DaemonSet): (node: Node) => Fit {
  const spec = set.spec?.template.spec;
  const wantedName = spec?.nodeName ?? '';
  const tolerations = daemonTolerations(spec);
  return ({ metadata: { name = '', labels = {} }, spec: { taints = [] } = {} }) => {
    if (wantedName !== '' && wantedName !== name) return no;
    if (!requiredNodeMatches(spec, name, labels)) return no;
    if (untoleratedTaint(taints, tolerations) === undefined) return { shouldRun: true, mayStay: true };
    const drivesOut = taints.some((taint) => taint.effect === 'NoExecute' && !anyTolerates(tolerations, taint));
    return { shouldRun: false, mayStay: !drivesOut };
  };
}
