import { duration, file, list, text } from './flag';

/** pkg/kubeapiserver/options `BuiltInAuthorizationOptions` */
export const authorizationFlags = {
  'authorization-config': file(
    'an AuthorizationConfiguration: who decides, in its order; read again when it changes; instead of --authorization-mode and --authorization-webhook-*',
  ),
  'authorization-mode': list('who decides, in this order: AlwaysAllow, AlwaysDeny, ABAC, Webhook, RBAC, Node', [
    'AlwaysAllow',
  ]),
  'authorization-policy-file': file('policies of ABAC, each a line of JSON'),
  'authorization-webhook-cache-authorized-ttl': duration("how long a webhook's yes is remembered", '5m0s'),
  'authorization-webhook-cache-unauthorized-ttl': duration("how long a webhook's no is remembered", '30s'),
  'authorization-webhook-config-file': file('where the webhook of --authorization-mode=Webhook is: a kubeconfig'),
  'authorization-webhook-version': text(
    'version of the SubjectAccessReviews that the webhook is sent, and answers: v1 or v1beta1',
    'v1beta1',
  ),
};
