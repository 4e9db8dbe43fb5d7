import { type Fields, internalShapes } from '../../../internal-shape';

/** The structs of a pod as pkg/apis/core/types.go has them. */
const structs = {
  PodSpec:
    'Volumes:[]Volume InitContainers:[]Container Containers:[]Container EphemeralContainers:[]EphemeralContainer RestartPolicy:string TerminationGracePeriodSeconds:* ActiveDeadlineSeconds:* DNSPolicy:string=dnsPolicy NodeSelector:map ServiceAccountName:string AutomountServiceAccountToken:* NodeName:string SecurityContext:*PodSecurityContext ImagePullSecrets:[]LocalObjectReference Hostname:string Subdomain:string SetHostnameAsFQDN:* Affinity:*Affinity SchedulerName:string Tolerations:[]Toleration HostAliases:[]HostAlias PriorityClassName:string Priority:* PreemptionPolicy:* DNSConfig:*PodDNSConfig=dnsConfig ReadinessGates:[]PodReadinessGate RuntimeClassName:* Overhead:map EnableServiceLinks:* TopologySpreadConstraints:[]TopologySpreadConstraint OS:*PodOS=os SchedulingGates:[]PodSchedulingGate ResourceClaims:[]PodResourceClaim Resources:*ResourceRequirements HostnameOverride:* SchedulingGroup:*PodSchedulingGroup',
  PodSecurityContext:
    'HostNetwork:bool HostPID:bool=hostPID HostIPC:bool=hostIPC ShareProcessNamespace:* HostUsers:* SELinuxOptions:*SELinuxOptions=seLinuxOptions WindowsOptions:*WindowsSecurityContextOptions RunAsUser:* RunAsGroup:* RunAsNonRoot:* SupplementalGroups:[] SupplementalGroupsPolicy:* FSGroup:*=fsGroup FSGroupChangePolicy:*=fsGroupChangePolicy Sysctls:[]Sysctl SeccompProfile:*SeccompProfile AppArmorProfile:*AppArmorProfile SELinuxChangePolicy:*=seLinuxChangePolicy',
  Container:
    'Name:string Image:string Command:[] Args:[] WorkingDir:string Ports:[]ContainerPort EnvFrom:[]EnvFromSource Env:[]EnvVar Resources:ResourceRequirements ResizePolicy:[]ContainerResizePolicy RestartPolicy:* RestartPolicyRules:[]ContainerRestartRule VolumeMounts:[]VolumeMount VolumeDevices:[]VolumeDevice LivenessProbe:*Probe ReadinessProbe:*Probe StartupProbe:*Probe Lifecycle:*Lifecycle TerminationMessagePath:string TerminationMessagePolicy:string ImagePullPolicy:string SecurityContext:*SecurityContext Stdin:bool StdinOnce:bool TTY:bool=tty',
  EphemeralContainer: '…Container TargetContainerName:string',
  ContainerPort: 'Name:string HostPort:int ContainerPort:int Protocol:string HostIP:string=hostIP',
  EnvFromSource: 'Prefix:string ConfigMapRef:*OptionalReference SecretRef:*OptionalReference',
  OptionalReference: 'Name:string Optional:*',
  EnvVar: 'Name:string Value:string ValueFrom:*EnvVarSource',
  EnvVarSource:
    'FieldRef:*ObjectFieldSelector ResourceFieldRef:*ResourceFieldSelector ConfigMapKeyRef:*KeySelector SecretKeyRef:*KeySelector FileKeyRef:*FileKeySelector',
  ObjectFieldSelector: 'APIVersion:string=apiVersion FieldPath:string',
  ResourceFieldSelector: 'ContainerName:string Resource:string Divisor:quantity',
  KeySelector: 'Name:string Key:string Optional:*',
  FileKeySelector: 'VolumeName:string Path:string Key:string Optional:*',
  ResourceRequirements: 'Limits:map Requests:map Claims:[]ResourceClaim',
  ResourceClaim: 'Name:string Request:string',
  ContainerResizePolicy: 'ResourceName:string RestartPolicy:string',
  ContainerRestartRule: 'Action:string ExitCodes:*ContainerRestartRuleOnExitCodes',
  ContainerRestartRuleOnExitCodes: 'Operator:string Values:[]',
  VolumeMount:
    'Name:string ReadOnly:bool RecursiveReadOnly:* MountPath:string SubPath:string MountPropagation:* SubPathExpr:string',
  VolumeDevice: 'Name:string DevicePath:string',
  Probe:
    'Exec:*ExecAction HTTPGet:*HTTPGetAction=httpGet TCPSocket:*TCPSocketAction=tcpSocket GRPC:*GRPCAction=grpc InitialDelaySeconds:int TimeoutSeconds:int PeriodSeconds:int SuccessThreshold:int FailureThreshold:int TerminationGracePeriodSeconds:*',
  Lifecycle: 'PostStart:*LifecycleHandler PreStop:*LifecycleHandler StopSignal:*',
  LifecycleHandler:
    'Exec:*ExecAction HTTPGet:*HTTPGetAction=httpGet TCPSocket:*TCPSocketAction=tcpSocket Sleep:*SleepAction',
  ExecAction: 'Command:[]',
  HTTPGetAction: 'Path:string Port:json Host:string Scheme:string HTTPHeaders:[]HTTPHeader=httpHeaders',
  HTTPHeader: 'Name:string Value:string',
  TCPSocketAction: 'Port:json Host:string',
  GRPCAction: 'Port:int Service:*',
  SleepAction: 'Seconds:int',
  SecurityContext:
    'Capabilities:*Capabilities Privileged:* SELinuxOptions:*SELinuxOptions=seLinuxOptions WindowsOptions:*WindowsSecurityContextOptions RunAsUser:* RunAsGroup:* RunAsNonRoot:* ReadOnlyRootFilesystem:* AllowPrivilegeEscalation:* ProcMount:* SeccompProfile:*SeccompProfile AppArmorProfile:*AppArmorProfile',
  Capabilities: 'Add:[] Drop:[]',
  SELinuxOptions: 'User:string Role:string Type:string Level:string',
  WindowsSecurityContextOptions:
    'GMSACredentialSpecName:*=gmsaCredentialSpecName GMSACredentialSpec:*=gmsaCredentialSpec RunAsUserName:* HostProcess:*',
  SeccompProfile: 'Type:string LocalhostProfile:*',
  AppArmorProfile: 'Type:string LocalhostProfile:*',
  Sysctl: 'Name:string Value:string',
  LocalObjectReference: 'Name:string',
  Affinity: 'NodeAffinity:*NodeAffinity PodAffinity:*PodAffinity PodAntiAffinity:*PodAffinity',
  NodeAffinity:
    'RequiredDuringSchedulingIgnoredDuringExecution:*NodeSelector PreferredDuringSchedulingIgnoredDuringExecution:[]PreferredSchedulingTerm',
  NodeSelector: 'NodeSelectorTerms:[]NodeSelectorTerm',
  NodeSelectorTerm: 'MatchExpressions:[]NodeSelectorRequirement MatchFields:[]NodeSelectorRequirement',
  NodeSelectorRequirement: 'Key:string Operator:string Values:[]',
  PreferredSchedulingTerm: 'Weight:int Preference:NodeSelectorTerm',
  PodAffinity:
    'RequiredDuringSchedulingIgnoredDuringExecution:[]PodAffinityTerm PreferredDuringSchedulingIgnoredDuringExecution:[]WeightedPodAffinityTerm',
  PodAffinityTerm:
    'LabelSelector:json Namespaces:[] TopologyKey:string NamespaceSelector:json MatchLabelKeys:[] MismatchLabelKeys:[]',
  WeightedPodAffinityTerm: 'Weight:int PodAffinityTerm:PodAffinityTerm',
  Toleration: 'Key:string Operator:string Value:string Effect:string TolerationSeconds:*',
  HostAlias: 'IP:string=ip Hostnames:[]',
  PodDNSConfig: 'Nameservers:[] Searches:[] Options:[]PodDNSConfigOption',
  PodDNSConfigOption: 'Name:string Value:*',
  PodReadinessGate: 'ConditionType:string',
  TopologySpreadConstraint:
    'MaxSkew:int TopologyKey:string WhenUnsatisfiable:string LabelSelector:json MinDomains:* NodeAffinityPolicy:* NodeTaintsPolicy:* MatchLabelKeys:[]',
  PodOS: 'Name:string',
  PodSchedulingGate: 'Name:string',
  PodSchedulingGroup: 'PodGroupName:*',
  PodResourceClaim: 'Name:string ResourceClaimName:* ResourceClaimTemplateName:*',
  Volume:
    'Name:string HostPath:*HostPathVolumeSource EmptyDir:*EmptyDirVolumeSource GCEPersistentDisk:json=gcePersistentDisk AWSElasticBlockStore:json=awsElasticBlockStore GitRepo:json Secret:*SecretVolumeSource NFS:*NFSVolumeSource=nfs ISCSI:json=iscsi Glusterfs:json PersistentVolumeClaim:*PersistentVolumeClaimVolumeSource RBD:json=rbd Quobyte:json FlexVolume:json Cinder:json CephFS:json=cephfs Flocker:json DownwardAPI:*DownwardAPIVolumeSource FC:json=fc AzureFile:json ConfigMap:*ConfigMapVolumeSource VsphereVolume:json AzureDisk:json PhotonPersistentDisk:json Projected:*ProjectedVolumeSource PortworxVolume:json ScaleIO:json StorageOS:json=storageos CSI:*CSIVolumeSource=csi Ephemeral:json Image:*ImageVolumeSource',
  HostPathVolumeSource: 'Path:string Type:*',
  EmptyDirVolumeSource: 'Medium:string SizeLimit:*',
  SecretVolumeSource: 'SecretName:string Items:[]KeyToPath DefaultMode:* Optional:*',
  ConfigMapVolumeSource: 'Name:string Items:[]KeyToPath DefaultMode:* Optional:*',
  KeyToPath: 'Key:string Path:string Mode:*',
  NFSVolumeSource: 'Server:string Path:string ReadOnly:bool',
  PersistentVolumeClaimVolumeSource: 'ClaimName:string ReadOnly:bool',
  DownwardAPIVolumeSource: 'Items:[]DownwardAPIVolumeFile DefaultMode:*',
  DownwardAPIVolumeFile: 'Path:string FieldRef:*ObjectFieldSelector ResourceFieldRef:*ResourceFieldSelector Mode:*',
  ProjectedVolumeSource: 'Sources:[]VolumeProjection DefaultMode:*',
  VolumeProjection:
    'Secret:*KeyProjection DownwardAPI:*DownwardAPIProjection ConfigMap:*KeyProjection ServiceAccountToken:*ServiceAccountTokenProjection ClusterTrustBundle:*ClusterTrustBundleProjection PodCertificate:json',
  KeyProjection: 'Name:string Items:[]KeyToPath Optional:*',
  DownwardAPIProjection: 'Items:[]DownwardAPIVolumeFile',
  ServiceAccountTokenProjection: 'Audience:string ExpirationSeconds:int Path:string',
  ClusterTrustBundleProjection: 'Name:* SignerName:* LabelSelector:json Optional:* Path:string',
  CSIVolumeSource:
    'Driver:string ReadOnly:* FSType:*=fsType VolumeAttributes:map NodePublishSecretRef:*LocalObjectReference',
  ImageVolumeSource: 'Reference:string PullPolicy:string',
} as const satisfies Record<string, string>;

export type InternalStruct = keyof typeof structs;

const shapeOf = internalShapes(structs);

/** `value` in JSON's names as upstream's message would show it. Rare enough to be planned anew each time. */
export function internalForm(struct: InternalStruct, value: object): Record<string, unknown> {
  return shapeOf(struct, struct === 'PodSpec' ? withHostFields(value as Fields) : value);
}

/** Which namespaces of the host a pod shares stands in the spec for clients, in its security context inside. */
function withHostFields(spec: Fields): Fields {
  const { hostNetwork, hostPID, hostIPC, shareProcessNamespace, hostUsers } = spec;
  const host = { hostNetwork, hostPID, hostIPC, shareProcessNamespace, hostUsers };
  return { ...spec, securityContext: { ...host, ...(spec['securityContext'] as Fields | undefined) } };
}
