import { condition, object, type ResourceExample } from './resource-example';

const cidr = object('cluster', 'networking.k8s.io/v1', 'ServiceCIDR', 'example-cidr', {
  spec: { cidrs: ['10.77.0.0/24'] },
});

const webhook = {
  name: 'check.example.com',
  admissionReviewVersions: ['v1'],
  sideEffects: 'None',
  clientConfig: { url: 'https://127.0.0.1:9/check' },
  rules: [{ apiGroups: ['nothing.example.com'], apiVersions: ['v1'], operations: ['UPDATE'], resources: ['things'] }],
};
const matchNothing = {
  resourceRules: [
    { apiGroups: ['nothing.example.com'], apiVersions: ['v1'], operations: ['UPDATE'], resources: ['things'] },
  ],
};
const registration = 'admissionregistration.k8s.io/v1';

export const networkExamples: readonly ResourceExample[] = [
  {
    resource: 'discovery.k8s.io/v1/endpointslices',
    object: object('namespaced', 'discovery.k8s.io/v1', 'EndpointSlice', 'slice', {
      addressType: 'IPv4',
      endpoints: [{ addresses: ['198.51.100.8'], conditions: { ready: false } }],
      ports: [{ name: 'web', port: 8080 }],
    }),
  },
  {
    resource: 'networking.k8s.io/v1/ingressclasses',
    object: object('cluster', 'networking.k8s.io/v1', 'IngressClass', 'example-class', {
      spec: { controller: 'example.com/ingress' },
    }),
  },
  {
    resource: 'networking.k8s.io/v1/ingresses',
    object: object('namespaced', 'networking.k8s.io/v1', 'Ingress', 'ingress', {
      spec: { defaultBackend: { service: { name: 'service', port: { number: 443 } } } },
    }),
    status: { loadBalancer: { ingress: [{ hostname: 'lb.example.com' }] } },
  },
  {
    resource: 'networking.k8s.io/v1/ipaddresses',
    object: object('cluster', 'networking.k8s.io/v1', 'IPAddress', '10.77.0.3', {
      spec: { parentRef: { resource: 'services', namespace: 'examples', name: 'elsewhere' } },
    }),
  },
  {
    resource: 'networking.k8s.io/v1/networkpolicies',
    object: object('namespaced', 'networking.k8s.io/v1', 'NetworkPolicy', 'policy', {
      spec: { podSelector: { matchLabels: { app: 'example' } }, policyTypes: ['Egress'], egress: [{}] },
    }),
  },
  {
    resource: 'networking.k8s.io/v1/servicecidrs',
    object: cidr,
    status: { conditions: [condition('Tested')] },
    hasOpenStatus: true,
  },
  {
    resource: `${registration}/mutatingadmissionpolicies`,
    object: object('cluster', registration, 'MutatingAdmissionPolicy', 'example-mutation', {
      spec: {
        reinvocationPolicy: 'IfNeeded',
        matchConstraints: matchNothing,
        mutations: [
          { patchType: 'JSONPatch', jsonPatch: { expression: '[JSONPatch{op: "remove", path: "/spec/size"}]' } },
        ],
      },
    }),
  },
  {
    resource: `${registration}/mutatingadmissionpolicybindings`,
    object: object('cluster', registration, 'MutatingAdmissionPolicyBinding', 'example-mutation', {
      spec: { policyName: 'example-mutation' },
    }),
  },
  {
    resource: `${registration}/mutatingwebhookconfigurations`,
    object: object('cluster', registration, 'MutatingWebhookConfiguration', 'example-hooks', {
      webhooks: [{ ...webhook, reinvocationPolicy: 'IfNeeded' }],
    }),
  },
  {
    resource: `${registration}/validatingadmissionpolicies`,
    object: object('cluster', registration, 'ValidatingAdmissionPolicy', 'example-rule', {
      spec: {
        matchConstraints: matchNothing,
        validations: [{ expression: 'object.spec.size < 5', message: 'too big' }],
      },
    }),
    status: { observedGeneration: 1, conditions: [condition('Tested')] },
  },
  {
    resource: `${registration}/validatingadmissionpolicybindings`,
    object: object('cluster', registration, 'ValidatingAdmissionPolicyBinding', 'example-rule', {
      spec: { policyName: 'example-rule', validationActions: ['Audit'] },
    }),
  },
  {
    resource: `${registration}/validatingwebhookconfigurations`,
    object: object('cluster', registration, 'ValidatingWebhookConfiguration', 'example-hooks', { webhooks: [webhook] }),
  },
  {
    resource: 'flowcontrol.apiserver.k8s.io/v1/flowschemas',
    object: object('cluster', 'flowcontrol.apiserver.k8s.io/v1', 'FlowSchema', 'example-flow', {
      spec: {
        matchingPrecedence: 4000,
        priorityLevelConfiguration: { name: 'catch-all' },
        rules: [
          {
            subjects: [{ kind: 'Group', group: { name: 'nobody' } }],
            resourceRules: [
              { verbs: ['list'], apiGroups: [''], resources: ['pods'], clusterScope: true, namespaces: ['*'] },
            ],
          },
        ],
      },
    }),
    status: { conditions: [condition('Tested')] },
  },
  {
    resource: 'flowcontrol.apiserver.k8s.io/v1/prioritylevelconfigurations',
    object: object('cluster', 'flowcontrol.apiserver.k8s.io/v1', 'PriorityLevelConfiguration', 'example-level', {
      spec: { type: 'Limited', limited: { nominalConcurrencyShares: 1, limitResponse: { type: 'Reject' } } },
    }),
    status: { conditions: [condition('Tested')] },
  },
];
