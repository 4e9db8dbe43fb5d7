import { type KubeObject, reasonOf } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import { refs, resourcePath } from '@reckon/client/rest';
import { Controller, type Result, done, requeue } from '@reckon/control/runtime';
import type { ControllerContext, ControllerRow } from '../controller-context';
import { startWhenSynced } from '../start-when-synced';
import { namespaceConditions } from './namespace-conditions';
import { type RemainingContent, deleteContent } from './namespace-content';

type Namespace = corev1.Namespace & KubeObject;

const finalizer = 'kubernetes';

/** Takes everything out of a namespace that is being deleted, then lets it go (pkg/controller/namespace). */
export const namespaceController: ControllerRow = {
  name: 'namespace-controller',
  serviceAccount: 'namespace-controller',
  start(context) {
    const namespaces = context.informers.informer<Namespace>(refs.namespaces);
    const controller = new Controller('namespace', (name, signal) => reconcile(context, name, signal), context, {
      workers: 10,
    });
    const seen = (namespace: Namespace): void => {
      if (namespace.metadata.deletionTimestamp !== undefined) controller.enqueue(namespace.metadata.name ?? '');
    };
    namespaces.addHandler({
      add: seen,
      update: (_, namespace) => {
        seen(namespace);
      },
    });
    return startWhenSynced([controller], [namespaces]);
  },
};

async function reconcile(context: ControllerContext, name: string, signal: AbortSignal): Promise<Result> {
  const client = context.rest.resource<Namespace>(refs.namespaces);
  const namespace = await client.get('', name).catch((error: unknown) => {
    if (reasonOf(error) === 'NotFound') return undefined;
    throw error;
  });
  if (namespace === undefined || namespace.metadata.deletionTimestamp === undefined) return done;
  if (!(namespace.spec?.finalizers ?? []).includes(finalizer)) return done;

  const content = await deleteContent(context.rest, name, signal);
  const isEmpty =
    content.objects.size === 0 && content.deletionErrors.length === 0 && content.discoveryError === undefined;
  const current = await writeConditions(context, namespace, content, isEmpty);
  if (!isEmpty) return requeue;
  await finalize(context, current);
  return done;
}

/** Conditions are worth a write only while something stands in the way, or did. */
async function writeConditions(
  context: ControllerContext,
  namespace: Namespace,
  content: RemainingContent,
  isEmpty: boolean,
): Promise<Namespace> {
  const before = namespace.status?.conditions ?? [];
  if (isEmpty && before.length === 0) return namespace;
  const conditions = namespaceConditions(before, content, context.clock.nowMs());
  if (conditions === before) return namespace;
  return context.rest
    .resource<Namespace>(refs.namespaces)
    .updateStatus({ ...namespace, status: { ...namespace.status, conditions } });
}

async function finalize(context: ControllerContext, namespace: Namespace): Promise<void> {
  const { name = '' } = namespace.metadata;
  const finalizers = (namespace.spec?.finalizers ?? []).filter((f) => f !== finalizer);
  await context.rest
    .request('PUT', resourcePath(refs.namespaces, '', name, 'finalize'), {
      body: { ...namespace, apiVersion: 'v1', kind: 'Namespace', spec: { ...namespace.spec, finalizers } },
    })
    .catch((error: unknown) => {
      if (reasonOf(error) !== 'NotFound') throw error;
    });
}
