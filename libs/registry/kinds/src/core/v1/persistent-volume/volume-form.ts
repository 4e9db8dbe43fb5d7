import { internalShapes } from '../../../internal-shape';

/** The structs of volumes and claims as pkg/apis/core/types.go and pkg/apis/storage/types.go have them. */
const structs = {
  PersistentVolumeSource:
    'GCEPersistentDisk:*GCEPersistentDiskVolumeSource=gcePersistentDisk AWSElasticBlockStore:*AWSElasticBlockStoreVolumeSource=awsElasticBlockStore HostPath:*HostPathVolumeSource Glusterfs:*GlusterfsPersistentVolumeSource NFS:*NFSVolumeSource=nfs RBD:*RBDPersistentVolumeSource=rbd Quobyte:*QuobyteVolumeSource ISCSI:*ISCSIPersistentVolumeSource=iscsi FlexVolume:*FlexPersistentVolumeSource Cinder:*CinderPersistentVolumeSource CephFS:*CephFSPersistentVolumeSource=cephfs FC:*FCVolumeSource=fc Flocker:*FlockerVolumeSource AzureFile:*AzureFilePersistentVolumeSource VsphereVolume:*VsphereVirtualDiskVolumeSource AzureDisk:*AzureDiskVolumeSource PhotonPersistentDisk:*PhotonPersistentDiskVolumeSource PortworxVolume:*PortworxVolumeSource ScaleIO:*ScaleIOPersistentVolumeSource Local:*LocalVolumeSource StorageOS:*StorageOSPersistentVolumeSource=storageos CSI:*CSIPersistentVolumeSource=csi',
  PersistentVolumeSpec:
    'Capacity:map …PersistentVolumeSource AccessModes:[] ClaimRef:*ObjectReference PersistentVolumeReclaimPolicy:string StorageClassName:string MountOptions:[] VolumeMode:* NodeAffinity:*VolumeNodeAffinity VolumeAttributesClassName:*',
  GCEPersistentDiskVolumeSource: 'PDName:string=pdName FSType:string=fsType Partition:int ReadOnly:bool',
  AWSElasticBlockStoreVolumeSource: 'VolumeID:string FSType:string=fsType Partition:int ReadOnly:bool',
  HostPathVolumeSource: 'Path:string Type:*',
  GlusterfsPersistentVolumeSource: 'EndpointsName:string=endpoints Path:string ReadOnly:bool EndpointsNamespace:*',
  NFSVolumeSource: 'Server:string Path:string ReadOnly:bool',
  RBDPersistentVolumeSource:
    'CephMonitors:[]=monitors RBDImage:string=image FSType:string=fsType RBDPool:string=pool RadosUser:string=user Keyring:string SecretRef:*SecretReference ReadOnly:bool',
  QuobyteVolumeSource: 'Registry:string Volume:string ReadOnly:bool User:string Group:string Tenant:string',
  ISCSIPersistentVolumeSource:
    'TargetPortal:string IQN:string=iqn Lun:int ISCSIInterface:string=iscsiInterface FSType:string=fsType ReadOnly:bool Portals:[] DiscoveryCHAPAuth:bool=chapAuthDiscovery SessionCHAPAuth:bool=chapAuthSession SecretRef:*SecretReference InitiatorName:*',
  FlexPersistentVolumeSource: 'Driver:string FSType:string=fsType SecretRef:*SecretReference ReadOnly:bool Options:map',
  CinderPersistentVolumeSource: 'VolumeID:string FSType:string=fsType ReadOnly:bool SecretRef:*SecretReference',
  CephFSPersistentVolumeSource:
    'Monitors:[] Path:string User:string SecretFile:string SecretRef:*SecretReference ReadOnly:bool',
  FCVolumeSource: 'TargetWWNs:[] Lun:* FSType:string=fsType ReadOnly:bool WWIDs:[]=wwids',
  FlockerVolumeSource: 'DatasetName:string DatasetUUID:string',
  AzureFilePersistentVolumeSource: 'SecretName:string ShareName:string ReadOnly:bool SecretNamespace:*',
  VsphereVirtualDiskVolumeSource:
    'VolumePath:string FSType:string=fsType StoragePolicyName:string StoragePolicyID:string',
  AzureDiskVolumeSource: 'DiskName:string DataDiskURI:string=diskURI CachingMode:* FSType:*=fsType ReadOnly:* Kind:*',
  PhotonPersistentDiskVolumeSource: 'PdID:string FSType:string=fsType',
  PortworxVolumeSource: 'VolumeID:string FSType:string=fsType ReadOnly:bool',
  ScaleIOPersistentVolumeSource:
    'Gateway:string System:string SecretRef:*SecretReference SSLEnabled:bool=sslEnabled ProtectionDomain:string StoragePool:string StorageMode:string VolumeName:string FSType:string=fsType ReadOnly:bool',
  LocalVolumeSource: 'Path:string FSType:*=fsType',
  StorageOSPersistentVolumeSource:
    'VolumeName:string VolumeNamespace:string FSType:string=fsType ReadOnly:bool SecretRef:*ObjectReference',
  CSIPersistentVolumeSource:
    'Driver:string VolumeHandle:string ReadOnly:bool FSType:string=fsType VolumeAttributes:map ControllerPublishSecretRef:*SecretReference NodeStageSecretRef:*SecretReference NodePublishSecretRef:*SecretReference ControllerExpandSecretRef:*SecretReference NodeExpandSecretRef:*SecretReference',
  SecretReference: 'Name:string Namespace:string',
  ObjectReference:
    'Kind:string Namespace:string Name:string UID:string=uid APIVersion:string=apiVersion ResourceVersion:string FieldPath:string',
  VolumeNodeAffinity: 'Required:*NodeSelector',
  NodeSelector: 'NodeSelectorTerms:[]NodeSelectorTerm',
  NodeSelectorTerm: 'MatchExpressions:[]NodeSelectorRequirement MatchFields:[]NodeSelectorRequirement',
  NodeSelectorRequirement: 'Key:string Operator:string Values:[]',
  PersistentVolumeClaimSpec:
    'AccessModes:[] Selector:json Resources:VolumeResourceRequirements VolumeName:string StorageClassName:* VolumeMode:* DataSource:*TypedLocalObjectReference DataSourceRef:*TypedObjectReference VolumeAttributesClassName:*',
  VolumeResourceRequirements: 'Limits:map Requests:map',
  TypedLocalObjectReference: 'APIGroup:*=apiGroup Kind:string Name:string',
  TypedObjectReference: 'APIGroup:*=apiGroup Kind:string Name:string Namespace:*',
  VolumeAttachmentSpec: 'Attacher:string Source:VolumeAttachmentSource NodeName:string',
  VolumeAttachmentSource: 'PersistentVolumeName:* InlineVolumeSpec:*PersistentVolumeSpec',
  CSINodeDriver: 'Name:string NodeID:string TopologyKeys:[] Allocatable:*VolumeNodeResources',
  VolumeNodeResources: 'Count:*',
} as const satisfies Record<string, string>;

/** An object of volumes as upstream's messages show it. */
export const volumeForm = internalShapes(structs);
