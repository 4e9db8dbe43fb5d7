import type { corev1 } from '@reckon/api/types';
import type { EventRecorder } from '@reckon/control/runtime';

const nodeKind = { group: '', version: 'v1', kind: 'Node' } as const;

/** Reason of the Event by which a condition that has become healthy is told (pkg/kubelet/nodestatus/setters.go). */
const healthyReasons: Readonly<Record<string, string>> = {
  MemoryPressure: 'NodeHasSufficientMemory',
  DiskPressure: 'NodeHasNoDiskPressure',
  PIDPressure: 'NodeHasSufficientPID',
};

/** What a kubelet tells of its own node. Such Events have the node's name as its uid: a kubelet does not know the other. */
export class NodeEvents {
  constructor(
    private readonly recorder: EventRecorder,
    private readonly node: string,
  ) {}

  starting(): void {
    this.tell('Starting', 'Starting kubelet.');
  }

  /**
   * After the node has been registered, with the conditions that it had before: every kubelet that starts finds out anew that there is
   * enough of everything, but only a node that was not ready becomes so.
   */
  registered(before: readonly corev1.NodeCondition[]): void {
    for (const reason of Object.values(healthyReasons)) this.statusIs(reason);
    this.tell('NodeAllocatableEnforced', 'Updated Node Allocatable limit across pods');
    if (!isReady(before)) this.statusIs('NodeReady');
  }

  /** After a status was written over one that somebody else may have changed. */
  recovered(before: readonly corev1.NodeCondition[]): void {
    for (const { type, status } of before) {
      const reason = healthyReasons[type];
      if (reason !== undefined && status !== 'False') this.statusIs(reason);
    }
    if (!isReady(before)) this.statusIs('NodeReady');
  }

  private statusIs(reason: string): void {
    this.tell(reason, `Node ${this.node} status is now: ${reason}`);
  }

  private tell(reason: string, message: string): void {
    const { node } = this;
    this.recorder.event({ metadata: { name: node, uid: node } }, nodeKind, { type: 'Normal', reason, message });
  }
}

const isReady = (conditions: readonly corev1.NodeCondition[]): boolean =>
  conditions.some((c) => c.type === 'Ready' && c.status === 'True');
