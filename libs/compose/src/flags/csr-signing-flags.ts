import { duration, file } from './flag';

/** Who signs approved certificate requests; as cmd/kube-controller-manager/app/options `CSRSigningControllerOptions`. */
export const csrSigningFlags = {
  'cluster-signing-cert-file': file(
    'certificate of the authority that signs for all signers; without one nothing is signed',
  ),
  'cluster-signing-key-file': file('key of --cluster-signing-cert-file'),
  'cluster-signing-duration': duration('how long signed certificates live at most', '8760h0m0s'),
  'cluster-signing-kubelet-serving-cert-file': file(
    'certificate of the authority of kubernetes.io/kubelet-serving; one of these excludes --cluster-signing-cert-file',
  ),
  'cluster-signing-kubelet-serving-key-file': file('its key'),
  'cluster-signing-kubelet-client-cert-file': file(
    'certificate of the authority of kubernetes.io/kube-apiserver-client-kubelet',
  ),
  'cluster-signing-kubelet-client-key-file': file('its key'),
  'cluster-signing-kube-apiserver-client-cert-file': file(
    'certificate of the authority of kubernetes.io/kube-apiserver-client',
  ),
  'cluster-signing-kube-apiserver-client-key-file': file('its key'),
  'cluster-signing-legacy-unknown-cert-file': file('certificate of the authority of kubernetes.io/legacy-unknown'),
  'cluster-signing-legacy-unknown-key-file': file('its key'),
};
