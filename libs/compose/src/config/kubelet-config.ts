import * as z from 'zod';
import { featureGates } from '../flags/feature-gates';
import type { KubeletFlags } from '../flags/kubelet-flags';
import { logFormats } from '../log-format';
import { configDuration } from './leader-election-config';
import { type ConfigKind, idleFields } from './read-config-file';
import { compact } from './scheduler-config';

/** Go writes what is not said as zero, and upstream takes zero for that (`SetDefaults_KubeletConfiguration`). */
const said = <T extends string | number>(value: T | undefined): T | undefined =>
  value === 0 || value === '' ? undefined : value;

const taint = z.strictObject({
  key: z.string(),
  value: z.string().default(''),
  effect: z.string(),
  timeAdded: z.unknown().optional(),
});

const authentication = z
  .strictObject({
    x509: z.strictObject({ clientCAFile: z.string().optional() }).optional(),
    webhook: z.strictObject({ enabled: z.boolean().optional(), cacheTTL: configDuration.optional() }).optional(),
    anonymous: z.strictObject({ enabled: z.boolean().optional() }).optional(),
  })
  .transform((c) => ({
    'client-ca-file': c.x509?.clientCAFile,
    'authentication-token-webhook': c.webhook?.enabled,
    'authentication-token-webhook-cache-ttl': said(c.webhook?.cacheTTL),
    'anonymous-auth': c.anonymous?.enabled,
  }));

const authorization = z
  .strictObject({
    mode: z
      .enum(['', 'AlwaysAllow', 'Webhook'])
      .transform((mode) => (mode === '' ? undefined : mode))
      .optional(),
    webhook: z
      .strictObject({ cacheAuthorizedTTL: configDuration.optional(), cacheUnauthorizedTTL: configDuration.optional() })
      .optional(),
  })
  .transform((c) => ({
    'authorization-mode': c.mode,
    'authorization-webhook-cache-authorized-ttl': said(c.webhook?.cacheAuthorizedTTL),
    'authorization-webhook-cache-unauthorized-ttl': said(c.webhook?.cacheUnauthorizedTTL),
  }));

const schema = z
  .strictObject({
    address: z.string().optional(),
    port: z.number().int().min(0).max(65_535).optional(),
    tlsCertFile: z.string().optional(),
    tlsPrivateKeyFile: z.string().optional(),
    tlsCipherSuites: z.array(z.string()).optional(),
    tlsMinVersion: z.string().optional(),
    kubeAPIQPS: z.number().optional(),
    kubeAPIBurst: z.number().int().min(0).optional(),
    authentication: authentication.optional(),
    authorization: authorization.optional(),
    healthzPort: z.number().int().min(0).max(65_535).optional(),
    healthzBindAddress: z.string().optional(),
    maxPods: z.number().int().min(0).optional(),
    providerID: z.string().optional(),
    registerNode: z.boolean().optional(),
    registerWithTaints: z.array(taint).optional(),
    rotateCertificates: z.boolean().optional(),
    serverTLSBootstrap: z.boolean().optional(),
    featureGates: z.record(z.string(), z.boolean()).optional(),
    logging: z
      .strictObject({ format: z.enum(logFormats).optional(), verbosity: z.number().int().min(0).max(20).optional() })
      .optional(),
  })
  .transform((c): Partial<KubeletFlags> =>
    compact({
      address: said(c.address),
      port: said(c.port),
      'tls-cert-file': c.tlsCertFile,
      'tls-private-key-file': c.tlsPrivateKeyFile,
      'tls-cipher-suites': c.tlsCipherSuites,
      'tls-min-version': c.tlsMinVersion,
      'kube-api-qps': c.kubeAPIQPS,
      'kube-api-burst': c.kubeAPIBurst,
      ...c.authentication,
      ...c.authorization,
      'healthz-port': c.healthzPort,
      'healthz-bind-address': said(c.healthzBindAddress),
      'max-pods': said(c.maxPods),
      'provider-id': c.providerID,
      'register-node': c.registerNode,
      'rotate-certificates': c.rotateCertificates,
      'rotate-server-certificates': c.serverTLSBootstrap,
      'feature-gates': c.featureGates,
      'logging-format': c.logging?.format,
      v: c.logging?.verbosity,
      'register-with-taints': c.registerWithTaints?.map((t) => `${t.key}=${t.value}:${t.effect}`),
    }),
  );

/** `KubeletConfiguration`, as values of the kubelet's flags. */
export const kubeletConfig: ConfigKind<Partial<KubeletFlags>> = {
  apiVersion: 'kubelet.config.k8s.io/v1beta1',
  kind: 'KubeletConfiguration',
  schema,
  doubts: (flags) => featureGates.doubts?.(flags['feature-gates'] ?? {}).map((doubt) => `featureGates: ${doubt}`) ?? [],
  idle: idleFields(`logging.flushFrequency logging.vmodule logging.options allowedUnsafeSysctls cgroupDriver cgroupRoot cgroupsPerQOS clusterDNS clusterDomain configMapAndSecretChangeDetectionStrategy
    containerLogMaxFiles containerLogMaxSize containerLogMaxWorkers containerLogMonitorInterval containerRuntimeEndpoint
    contentType cpuCFSQuota cpuCFSQuotaPeriod cpuManagerPolicy cpuManagerPolicyOptions cpuManagerReconcilePeriod crashLoopBackOff
    enableContentionProfiling enableControllerAttachDetach enableDebugFlagsHandler enableDebuggingHandlers enableProfilingHandler
    enableServer enableSystemLogHandler enableSystemLogQuery enforceNodeAllocatable eventBurst eventRecordQPS evictionHard
    evictionMaxPodGracePeriod evictionMinimumReclaim evictionPressureTransitionPeriod evictionSoft evictionSoftGracePeriod
    failCgroupV1 failSwapOn fileCheckFrequency hairpinMode httpCheckFrequency imageGCHighThresholdPercent
    imageGCLowThresholdPercent imageMaximumGCAge imageMinimumGCAge imageServiceEndpoint imagePullCredentialsVerificationPolicy
    iptablesDropBit iptablesMasqueradeBit kernelMemcgNotification kubeReserved kubeReservedCgroup
    kubeletCgroups localStorageCapacityIsolation makeIPTablesUtilChains maxOpenFiles maxParallelImagePulls memoryManagerPolicy
    memorySwap memoryThrottlingFactor mergeDefaultEvictionSettings minimumContainerTTLDuration nodeLeaseDurationSeconds
    nodeStatusMaxImages nodeStatusReportFrequency nodeStatusUpdateFrequency oomScoreAdj podCIDR podLogsDir podPidsLimit podsPerCore
    preloadedImagesVerificationAllowlist protectKernelDefaults qosReserved readOnlyPort registryBurst registryPullQPS
    reservedMemory reservedSystemCPUs resolvConf runOnce runtimeRequestTimeout seccompDefault serializeImagePulls
    showHiddenMetricsForVersion shutdownGracePeriod shutdownGracePeriodByPodPriority
    shutdownGracePeriodCriticalPods singleProcessOOMKill staticPodPath staticPodURL staticPodURLHeader streamingConnectionIdleTimeout
    syncFrequency systemCgroups systemReserved systemReservedCgroup tlsCurvePreferences
    topologyManagerPolicy topologyManagerPolicyOptions topologyManagerScope tracing userNamespaces volumePluginDir
    volumeStatsAggPeriod`),
};
