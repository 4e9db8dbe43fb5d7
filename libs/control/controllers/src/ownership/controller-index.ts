import { type KubeObject, controllerOf } from '@reckon/api/machinery';
import type { Informer, Lister } from '@reckon/client/cache';

const indexName = 'controller';

const orphansOf = (namespace: string): string => `orphans of ${namespace}`;

/** Finds objects by the uid of their controller, and those of a namespace that have none. */
export function indexByController<T extends KubeObject>(informer: Informer<T>): void {
  informer.addIndex(indexName, (object) => [controllerOf(object)?.uid ?? orphansOf(object.metadata.namespace ?? '')]);
}

export function controlledBy<T>(lister: Pick<Lister<T>, 'byIndex'>, uid: string | undefined): T[] {
  return uid === undefined ? [] : lister.byIndex(indexName, uid);
}

/** What an owner may claim: its own, and what nobody controls in its namespace. */
export function claimable<T>(lister: Pick<Lister<T>, 'byIndex'>, owner: KubeObject): T[] {
  return [
    ...controlledBy(lister, owner.metadata.uid),
    ...lister.byIndex(indexName, orphansOf(owner.metadata.namespace ?? '')),
  ];
}
