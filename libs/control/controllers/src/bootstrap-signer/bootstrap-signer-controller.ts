import { type KubeObject, reasonOf } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import { refs } from '@reckon/client/rest';
import { Controller, type Result, done, requeueAfter } from '@reckon/control/runtime';
import type { ControllerRow } from '../controller-context';
import { startWhenSynced } from '../start-when-synced';
import { bootstrapTokens, detachedSignature, remainingMs, signingToken } from './bootstrap-token';

type ConfigMap = corev1.ConfigMap & KubeObject;

const namespace = 'kube-public';
const name = 'cluster-info';
const contentKey = 'kubeconfig';
const signaturePrefix = 'jws-kubeconfig-';

/** Signs `kube-public/cluster-info` with each bootstrap token that may (pkg/controller/bootstrap `Signer`). */
export const bootstrapSignerController: ControllerRow = {
  name: 'bootstrap-signer-controller',
  serviceAccount: 'bootstrap-signer',
  isOnlyByName: true,
  start(context) {
    const tokens = bootstrapTokens(context);
    const scope = { namespace, fieldSelector: `metadata.name=${name}` };
    const configMaps = context.informers.informer<ConfigMap>(refs.configMaps, scope);
    const client = context.rest.resource<ConfigMap>(refs.configMaps);

    const sign = async (): Promise<Result> => {
      const current = configMaps.lister.get(namespace, name);
      const content = current?.data?.[contentKey];
      if (current === undefined || content === undefined) return done;
      const nowMs = context.clock.nowMs();
      const rest = Object.entries(current.data ?? {}).filter(([key]) => !key.startsWith(signaturePrefix));
      const data = Object.fromEntries(rest);
      let nextMs = Infinity;
      for (const secret of tokens.lister.list()) {
        const token = signingToken(secret, nowMs);
        if (token === undefined) continue;
        data[`${signaturePrefix}${token.id}`] = detachedSignature(content, token);
        nextMs = Math.min(nextMs, remainingMs(secret, nowMs) ?? Infinity);
      }
      if (!isSame(data, current.data ?? {})) {
        await client.update({ ...current, data }).catch((error: unknown) => {
          // What is newer brings us back.
          const reason = reasonOf(error);
          if (reason !== 'Conflict' && reason !== 'NotFound') throw error;
        });
      }
      // A signature goes with its token, even where nobody deletes that.
      return nextMs === Infinity ? done : requeueAfter(nextMs);
    };
    const controller = new Controller('bootstrap_signer_queue', sign, context, { workers: 1 });
    const enqueue = (): void => {
      controller.enqueue(`${namespace}/${name}`);
    };
    configMaps.addHandler({ add: enqueue, update: enqueue });
    tokens.addHandler({ add: enqueue, update: enqueue, delete: enqueue });
    return startWhenSynced([controller], [tokens, configMaps]);
  },
};

function isSame(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
}
