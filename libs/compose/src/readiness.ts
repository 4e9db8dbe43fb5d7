import type { KubeObject } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import type { Storage, StorageResource } from '@reckon/store/contract';

const core = (resource: string): StorageResource => ({ group: '', resource });

/**
 * Resolves when a person can use the cluster: the namespaces have their account and root CA, and the nodes are Ready.
 * `kubectl run` fails before that.
 */
export async function clusterReady(
  storage: Storage,
  expected: { readonly namespaces: readonly string[]; readonly nodes: number },
): Promise<void> {
  await Promise.all([
    seen(
      storage,
      core('serviceaccounts'),
      1,
      (o) => o.metadata.namespace === 'default' && o.metadata.name === 'default',
    ),
    seen(
      storage,
      core('configmaps'),
      expected.namespaces.length,
      (o) => o.metadata.name === 'kube-root-ca.crt' && expected.namespaces.includes(o.metadata.namespace ?? ''),
    ),
    seen(storage, core('nodes'), expected.nodes, isReady),
  ]);
}

function isReady(object: KubeObject): boolean {
  return ((object as KubeObject & corev1.Node).status?.conditions ?? []).some(
    (c) => c.type === 'Ready' && c.status === 'True',
  );
}

/** Resolves when this many different objects of the resource have matched. */
function seen(
  storage: Storage,
  resource: StorageResource,
  count: number,
  matches: (object: KubeObject) => boolean,
): Promise<void> {
  if (count === 0) return Promise.resolve();
  return new Promise((resolve) => {
    const names = new Set<string>();
    let isDone = false;
    // The first events come before there is anything to end.
    let end = (): void => undefined;
    const finish = (): void => {
      isDone = true;
      end();
      resolve();
    };
    end = storage.observe(resource, (event) => {
      const object = event.object.parse() as KubeObject;
      if (isDone || event.type === 'DELETED' || !matches(object)) return;
      names.add(`${object.metadata.namespace ?? ''}/${object.metadata.name ?? ''}`);
      if (names.size >= count) finish();
    });
    if (names.size >= count) end();
  });
}
