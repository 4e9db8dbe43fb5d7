import type { Informer, Lister } from '@reckon/client/cache';
import type { Pod } from '../replica-set/pod-state';

const index = 'node';

/** Finds the pods of a node without looking at the others. */
export function indexByNode(informer: Informer<Pod>): void {
  informer.addIndex(index, ({ spec }) => ((spec?.nodeName ?? '') === '' ? [] : [spec?.nodeName ?? '']));
}

export const podsOn = (lister: Lister<Pod>, node: string): Pod[] => lister.byIndex(index, node);
