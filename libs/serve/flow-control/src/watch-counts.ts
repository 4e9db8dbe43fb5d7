import type { FlowRequest } from './flow-request';

type Info = FlowRequest['info'];

/** How many watches are open on what: a write's real cost is in who hears of it. */
export class WatchCounts {
  private readonly open = new Map<string, number>();

  opened(info: Info): () => void {
    const key = keyOf(info, info.namespace, info.name);
    this.open.set(key, (this.open.get(key) ?? 0) + 1);
    return () => {
      const left = (this.open.get(key) ?? 1) - 1;
      if (left > 0) this.open.set(key, left);
      else this.open.delete(key);
    };
  }

  /** Watches of everything, of the namespace, of the one object. */
  of(info: Info): number {
    if (this.open.size === 0) return 0;
    let count = this.open.get(keyOf(info, '', '')) ?? 0;
    if (info.namespace !== '') count += this.open.get(keyOf(info, info.namespace, '')) ?? 0;
    if (info.name !== '') count += this.open.get(keyOf(info, info.namespace, info.name)) ?? 0;
    return count;
  }
}

const keyOf = (info: Info, namespace: string, name: string): string =>
  `${info.group}/${info.resource}/${namespace}/${name}`;
