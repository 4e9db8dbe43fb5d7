import { type KubeObject, reasonOf } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import { refs } from '@reckon/client/rest';
import { Controller, done } from '@reckon/control/runtime';
import type { ControllerRow } from '../controller-context';
import { startWhenSynced } from '../start-when-synced';

const configMapName = 'kube-root-ca.crt';
const annotations = {
  'kubernetes.io/description':
    'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. ' +
    'No other usage is guaranteed across distributions of Kubernetes clusters.',
};

/** Publishes the cluster's CA in every namespace, and puts it right when someone changes it (pkg/controller/certificates/rootcacertpublisher). */
export const rootCaPublisher: ControllerRow = {
  name: 'root-ca-certificate-publisher-controller',
  serviceAccount: 'root-ca-cert-publisher',
  start(context) {
    const namespaces = context.informers.informer<corev1.Namespace & KubeObject>(refs.namespaces);
    const configMaps = context.informers.informer<corev1.ConfigMap & KubeObject>(refs.configMaps);
    const client = context.rest.resource<corev1.ConfigMap & KubeObject>(refs.configMaps);
    const data = { 'ca.crt': context.options.rootCaPem };

    const controller = new Controller(
      'root_ca_cert_publisher',
      async (namespace) => {
        if (namespaces.lister.byKey(namespace)?.status?.phase !== 'Active') return done;
        const current = configMaps.lister.get(namespace, configMapName);
        if (current === undefined) {
          try {
            await client.create({ metadata: { namespace, name: configMapName, annotations }, data });
          } catch (error) {
            const reason = reasonOf(error);
            // Another was faster, or the namespace began to terminate meanwhile: both are what we wanted.
            if (reason !== 'AlreadyExists' && reason !== 'Forbidden' && reason !== 'NotFound') throw error;
          }
          return done;
        }
        const isRight =
          Object.keys(current.data ?? {}).length === 1 &&
          current.data?.['ca.crt'] === data['ca.crt'] &&
          current.metadata.annotations?.['kubernetes.io/description'] !== undefined;
        if (!isRight)
          await client.update({
            ...current,
            metadata: { ...current.metadata, annotations: { ...current.metadata.annotations, ...annotations } },
            data,
          });
        return done;
      },
      context,
    );
    const enqueueName = (n: KubeObject): void => {
      controller.enqueue(n.metadata.name ?? '');
    };
    const enqueueNamespace = (c: KubeObject): void => {
      if (c.metadata.name === configMapName) controller.enqueue(c.metadata.namespace ?? '');
    };
    namespaces.addHandler({
      add: enqueueName,
      update: (_, n) => {
        enqueueName(n);
      },
    });
    configMaps.addHandler({
      update: (_, c) => {
        enqueueNamespace(c);
      },
      delete: enqueueNamespace,
    });
    return startWhenSynced([controller], [namespaces, configMaps]);
  },
};
