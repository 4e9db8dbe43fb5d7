/** Names a value of one type in a CycleState; made once per plugin. */
export interface StateKey<T> {
  readonly name: string;
  /** Only for the type; never set. */
  readonly type?: T;
}

export const stateKey = <T>(name: string): StateKey<T> => ({ name });

/** A value that changes when pods are added to or removed from a node in a dry run, and so must be copied for one. */
export interface Cloneable {
  clone(): unknown;
}

/** What plugins note down for themselves while one pod is scheduled (k8s.io/kube-scheduler/framework.CycleState). */
export class CycleState {
  private readonly values = new Map<string, unknown>();
  /** Plugins that answered `Skip` to preFilter or preScore: their filter or score is not called. */
  readonly skipFilter = new Set<string>();
  readonly skipScore = new Set<string>();

  read<T>(key: StateKey<T>): T | undefined {
    return this.values.get(key.name) as T | undefined;
  }

  write<T>(key: StateKey<T>, value: T): void {
    this.values.set(key.name, value);
  }

  /** Values with a `clone` method are copied, others shared. */
  clone(): CycleState {
    const copy = new CycleState();
    for (const [name, value] of this.values) copy.values.set(name, isCloneable(value) ? value.clone() : value);
    for (const name of this.skipFilter) copy.skipFilter.add(name);
    for (const name of this.skipScore) copy.skipScore.add(name);
    return copy;
  }
}

const isCloneable = (value: unknown): value is Cloneable =>
  typeof value === 'object' && value !== null && 'clone' in value && typeof value.clone === 'function';
