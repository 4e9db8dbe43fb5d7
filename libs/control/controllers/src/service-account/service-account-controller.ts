import { type KubeObject, reasonOf } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import { refs } from '@reckon/client/rest';
import { Controller, done } from '@reckon/control/runtime';
import type { ControllerRow } from '../controller-context';
import { startWhenSynced } from '../start-when-synced';

const accountName = 'default';

/** Gives every active namespace its `default` ServiceAccount (pkg/controller/serviceaccount.ServiceAccountsController). */
export const serviceAccountController: ControllerRow = {
  name: 'serviceaccount-controller',
  serviceAccount: 'service-account-controller',
  start(context) {
    const namespaces = context.informers.informer<corev1.Namespace & KubeObject>(refs.namespaces);
    const accounts = context.informers.informer<corev1.ServiceAccount & KubeObject>(refs.serviceAccounts);
    const client = context.rest.resource<corev1.ServiceAccount & KubeObject>(refs.serviceAccounts);

    const controller = new Controller(
      'serviceaccount',
      async (namespace) => {
        if (namespaces.lister.byKey(namespace)?.status?.phase !== 'Active') return done;
        if (accounts.lister.get(namespace, accountName) !== undefined) return done;
        try {
          await client.create({ metadata: { namespace, name: accountName } });
        } catch (error) {
          const reason = reasonOf(error);
          // Another was faster, or the namespace began to terminate meanwhile: both are what we wanted.
          if (reason !== 'AlreadyExists' && reason !== 'Forbidden' && reason !== 'NotFound') throw error;
        }
        return done;
      },
      context,
    );
    namespaces.addHandler({
      add: (n) => {
        controller.enqueue(n.metadata.name ?? '');
      },
      update: (_, n) => {
        controller.enqueue(n.metadata.name ?? '');
      },
    });
    accounts.addHandler({
      delete: (a) => {
        if (a.metadata.name === accountName) controller.enqueue(a.metadata.namespace ?? '');
      },
    });
    return startWhenSynced([controller], [namespaces, accounts]);
  },
};
