import type { LabelSelector } from '@reckon/api/machinery';
import { type Lister, splitKey } from '@reckon/client/cache';
import type { Pod } from '../replica-set/pod-state';

/** Which pods an autoscaler's target has, and whether they are anybody else's too. */
export class SelectedPods {
  /** By key of the autoscaler. */
  private readonly selectors = new Map<string, LabelSelector>();

  constructor(private readonly pods: Lister<Pod>) {}

  forget(key: string): void {
    this.selectors.delete(key);
  }

  select(key: string, selector: LabelSelector): Pod[] {
    this.selectors.set(key, selector);
    return matching(this.pods.list(splitKey(key).namespace), selector);
  }

  /** The keys of all autoscalers that select one of these pods. */
  selectedBy(pods: readonly Pod[]): string[] {
    const found: string[] = [];
    for (const [key, selector] of this.selectors) {
      const { namespace } = splitKey(key);
      const isAmong = pods.some(
        ({ metadata }) => metadata.namespace === namespace && selector.matches(metadata.labels ?? {}),
      );
      if (isAmong) found.push(key);
    }
    return found.sort();
  }
}

const matching = (pods: readonly Pod[], selector: LabelSelector): Pod[] =>
  pods.filter(({ metadata }) => selector.matches(metadata.labels ?? {}));
