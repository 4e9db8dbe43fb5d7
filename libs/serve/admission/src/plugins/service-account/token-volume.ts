import { generateName } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import type { Random } from '@reckon/kernel';

const volumePrefix = 'kube-api-access-';
const mountPath = '/var/run/secrets/kubernetes.io/serviceaccount';

/** serviceaccount.WarnOnlyBoundTokenExpirationSeconds: tokens asked for with this very number are extended when they are late. */
const expirationSeconds = 3607;

/** Every container sees the account's token, the cluster's CA and its namespace, unless it mounts something there itself. */
export function mountToken(spec: corev1.PodSpec, random: Random): void {
  const containers = [...(spec.initContainers ?? []), ...(spec.containers ?? [])];
  const without = containers.filter(
    (container) => !(container.volumeMounts ?? []).some((mount) => mount.mountPath === mountPath),
  );
  const present = spec.volumes?.find((volume) => volume.name.startsWith(volumePrefix));
  if (without.length === 0) return;
  const name = present?.name ?? generateName(volumePrefix, random);
  for (const container of without) (container.volumeMounts ??= []).push({ name, readOnly: true, mountPath });
  if (present === undefined) (spec.volumes ??= []).push(tokenVolume(name));
}

const tokenVolume = (name: string): corev1.Volume => ({
  name,
  projected: {
    sources: [
      { serviceAccountToken: { expirationSeconds, path: 'token' } },
      { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
      {
        downwardAPI: {
          items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }],
        },
      },
    ],
    defaultMode: 420,
  },
});
