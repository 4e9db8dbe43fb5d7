import { type Status, unresolvable } from './status';

/** Why each node was refused; nodes that were never looked at share one answer (pkg/scheduler/framework.NodeToStatus). */
export class NodeToStatus {
  private readonly explicit = new Map<string, Status>();

  constructor(private absent: Status = unresolvable('')) {}

  set(nodeName: string, status: Status): void {
    this.explicit.set(nodeName, status);
  }

  get(nodeName: string): Status {
    return this.explicit.get(nodeName) ?? this.absent;
  }

  setAbsent(status: Status): void {
    this.absent = status;
  }

  get size(): number {
    return this.explicit.size;
  }

  /** How often each reason was given, for a cluster of `allNodes` nodes. */
  histogram(allNodes: number): Map<string, number> {
    const counts = new Map<string, number>();
    const count = (status: Status, times: number): void => {
      for (const reason of status.reasons) counts.set(reason, (counts.get(reason) ?? 0) + times);
    };
    for (const status of this.explicit.values()) count(status, 1);
    if (this.explicit.size < allNodes) count(this.absent, allNodes - this.explicit.size);
    return counts;
  }
}

export interface Diagnosis {
  readonly statuses: NodeToStatus;
  /** Plugins whose events can wake the pod. */
  readonly unschedulablePlugins: Set<string>;
  /** The same, of plugins that answered `Pending`. */
  readonly pendingPlugins: Set<string>;
  preFilterMessage: string;
  postFilterMessage: string;
}

export const newDiagnosis = (): Diagnosis => ({
  statuses: new NodeToStatus(),
  unschedulablePlugins: new Set(),
  pendingPlugins: new Set(),
  preFilterMessage: '',
  postFilterMessage: '',
});

export function notePlugin(diagnosis: Diagnosis, status: Status): void {
  if (status.plugin === '') return;
  if (status.code === 'Pending') diagnosis.pendingPlugins.add(status.plugin);
  else if (status.code === 'Unschedulable' || status.code === 'UnschedulableAndUnresolvable')
    diagnosis.unschedulablePlugins.add(status.plugin);
}

/** `0/2 nodes are available: 1 Insufficient cpu, 1 node(s) were unschedulable. preemption: …` (pkg/scheduler/framework.FitError). */
export function fitErrorText(allNodes: number, diagnosis: Diagnosis): string {
  let text = `0/${String(allNodes)} nodes are available:`;
  if (diagnosis.preFilterMessage !== '') text += ` ${diagnosis.preFilterMessage}.`;
  else {
    const parts = [...diagnosis.statuses.histogram(allNodes)].map(([reason, count]) => `${String(count)} ${reason}`);
    // Sorted as text, so `10 …` comes before `2 …`, as upstream has it.
    parts.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
    if (parts.length > 0) text += ` ${parts.join(', ')}.`;
  }
  return diagnosis.postFilterMessage === '' ? text : `${text} ${diagnosis.postFilterMessage}`;
}
