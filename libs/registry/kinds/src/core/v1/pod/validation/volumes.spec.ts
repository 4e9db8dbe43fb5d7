import type { corev1 } from '@reckon/api/types';
import { describe, expect, it } from 'vitest';
import { changed, runCreate } from '../../../../testing/run-strategy';

const pod = {
  metadata: { name: 'p', namespace: 'team' },
  spec: { serviceAccountName: 'robot', containers: [{ name: 'app', image: 'registry.example/app:3' }] },
};

const first = 'spec.volumes[0]';
const label = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-'";
const mode = 'must be a number between 0 and 0777 (octal), both inclusive';

/** The volumes, then what every message contains, in order. */
type Row = [object[], ...string[]];
const refused: Row[] = [
  [[{}], `${first}.name: Required value`],
  [[{ name: 'A b' }], `${first}.name: Invalid value: "A b": ${label}`],
  [[{ name: 'a' }, { name: 'a' }], 'spec.volumes[1].name: Duplicate value: "a"'],
  [
    [{ name: 'a', emptyDir: {}, secret: { secretName: 's' } }],
    `${first}.secret: Forbidden: may not specify more than 1 volume type`,
  ],
  [
    [{ name: 'a', emptyDir: { sizeLimit: '-1' } }],
    `${first}.emptyDir.sizeLimit: Forbidden: SizeLimit field must be a valid resource quantity`,
  ],
  [[{ name: 'a', hostPath: { path: '' } }], `${first}.hostPath.path: Required value`],
  [
    [{ name: 'a', hostPath: { path: '/a/../b' } }],
    `${first}.hostPath.path: Invalid value: "/a/../b": must not contain '..'`,
  ],
  [[{ name: 'a', hostPath: { path: '/a', type: 'Pipe' } }], `${first}.hostPath.type: Unsupported value: "Pipe"`],
  [[{ name: 'a', secret: {} }], `${first}.secret.secretName: Required value`],
  [
    [{ name: 'a', secret: { secretName: 's', defaultMode: 512 } }],
    `${first}.secret.defaultMode: Invalid value: 512: ${mode}`,
  ],
  [
    [{ name: 'a', configMap: { name: 'm', items: [{ key: '', path: '' }] } }],
    `${first}.configMap.items[0].key: Required value`,
    `${first}.configMap.items[0].path: Required value`,
  ],
  [
    [{ name: 'a', configMap: { name: 'm', items: [{ key: 'k', path: '/abs', mode: -1 }] } }],
    `${first}.configMap.items[0].path: Invalid value: "/abs": must be a relative path`,
    `${first}.configMap.items[0].mode: Invalid value: -1: ${mode}`,
  ],
  [
    [{ name: 'a', secret: { secretName: 's', items: [{ key: 'k', path: '..x' }] } }],
    `${first}.secret.items[0].path: Invalid value: "..x": must not start with '..'`,
  ],
  [[{ name: 'a', persistentVolumeClaim: {} }], `${first}.persistentVolumeClaim.claimName: Required value`],
  [
    [{ name: 'a', nfs: { server: 's', path: 'rel' } }],
    `${first}.nfs.path: Invalid value: "rel": must be an absolute path`,
  ],
  [
    [{ name: 'a', downwardAPI: { items: [{ path: 'f' }] } }],
    `${first}.downwardAPI: Required value: one of fieldRef and resourceFieldRef is required`,
  ],
  [
    [{ name: 'a', downwardAPI: { items: [{ path: 'f', fieldRef: { fieldPath: 'spec.nodeName' } }] } }],
    `${first}.downwardAPI.fieldRef.fieldPath: Unsupported value: "spec.nodeName"`,
  ],
  [
    [{ name: 'a', downwardAPI: { items: [{ path: 'f', resourceFieldRef: { resource: 'limits.cpu' } }] } }],
    `${first}.downwardAPI.resourceFieldRef.containerName: Required value`,
  ],
  [
    [{ name: 'a', csi: { driver: '' } }],
    `${first}.csi.driver: Required value`,
    `${first}.csi.driver: Invalid value: ""`,
  ],
  [[{ name: 'a', ephemeral: {} }], `${first}.ephemeral.volumeClaimTemplate: Required value`],
  [
    [
      { name: 'a', ephemeral: { volumeClaimTemplate: claim() } },
      { name: 'b', persistentVolumeClaim: { claimName: 'p-a' } },
    ],
    'spec.volumes[1].persistentVolumeClaim.claimName: Invalid value: "p-a": must not reference a PVC that gets created for an ephemeral volume',
  ],
  [
    [{ name: 'a', ephemeral: { volumeClaimTemplate: { spec: {} } } }],
    `${first}.ephemeral.volumeClaimTemplate.spec.accessModes: Required value: at least 1 access mode is required`,
    `${first}.ephemeral.volumeClaimTemplate.spec.resources[storage]: Required value`,
  ],
  [[{ name: 'a', image: {} }], `${first}.image.reference: Required value`],
  [
    [{ name: 'a', image: { reference: 'r', pullPolicy: 'Often' } }],
    `${first}.image.pullPolicy: Unsupported value: "Often"`,
  ],
  [
    [{ name: 'a', projected: { sources: [{ secret: { name: 's' }, configMap: { name: 'm' } }] } }],
    `${first}.projected.sources[0]: Forbidden: may not specify more than 1 volume type per source`,
  ],
  [
    [{ name: 'a', projected: { sources: [{ serviceAccountToken: { path: 't', expirationSeconds: 60 } }] } }],
    `${first}.projected.sources[0].serviceAccountToken.expirationSeconds: Invalid value: 60: may not specify a duration less than 10 minutes`,
  ],
  [
    [
      {
        name: 'a',
        projected: {
          sources: [
            { secret: { name: 's', items: [{ key: 'k', path: 'f' }] } },
            { configMap: { name: 'm', items: [{ key: 'k', path: 'f' }] } },
          ],
        },
      },
    ],
    `${first}.projected: Invalid value: "m": conflicting duplicate paths`,
  ],
  [[{ name: 'a', gitRepo: { repository: '' } }], `${first}.gitRepo.repository: Required value`],
  [[{ name: 'a', gcePersistentDisk: { pdName: '' } }], `${first}.persistentDisk.pdName: Required value`],
  [
    [{ name: 'a', awsElasticBlockStore: { volumeID: 'v', partition: 300 } }],
    `${first}.awsElasticBlockStore.partition: Invalid value: 300`,
  ],
  [[{ name: 'a', glusterfs: { path: 'x' } }], `${first}.glusterfs.endpoints: Required value`],
  [[{ name: 'a', rbd: { image: 'i' } }], `${first}.rbd.monitors: Required value`],
  [[{ name: 'a', cephfs: {} }], `${first}.cephfs.monitors: Required value`],
  [[{ name: 'a', cinder: {} }], `${first}.cinder.volumeID: Required value`],
  [[{ name: 'a', fc: { targetWWNs: ['w'], lun: 256 } }], `${first}.fc.lun: Invalid value: 256`],
  [
    [{ name: 'a', flocker: { datasetName: 'a/b' } }],
    `${first}.flocker.datasetName: Invalid value: "a/b": must not contain '/'`,
  ],
  [
    [{ name: 'a', flexVolume: { driver: 'd', options: { 'k8s.io/x': '1' } } }],
    `${first}.flexVolume.options[k8s.io/x]: Invalid value: "k8s.io/x": kubernetes.io and k8s.io namespaces are reserved`,
  ],
  [
    [{ name: 'a', flocker: { datasetName: 'a', datasetUUID: 'b' } }],
    `${first}.flocker: Invalid value: "resource": datasetName and datasetUUID can not be specified simultaneously`,
  ],
  [[{ name: 'a', flocker: {} }], `${first}.flocker: Required value: one of datasetName and datasetUUID is required`],
  [
    [{ name: 'a', quobyte: { registry: 'h:1', volume: 'v', tenant: 't'.repeat(65) } }],
    `${first}.quobyte.tenant: Required value: must be a UUID and may not exceed a length of 64 characters`,
  ],
  [
    [{ name: 'a', quobyte: { registry: '', volume: 'v' } }],
    `${first}.quobyte.registry: Required value: must be a host:port pair or multiple pairs separated by commas`,
  ],
  [
    [{ name: 'a', fc: { targetWWNs: ['w'], wwids: ['i'], lun: 1 } }],
    `${first}.fc.targetWWNs: Invalid value: ["w"]: targetWWNs and wwids can not be specified simultaneously`,
  ],
  [
    [{ name: 'a', fc: { targetWWNs: ['w'] } }],
    `${first}.fc.lun: Required value: lun is required if targetWWNs is specified`,
  ],
  [
    [{ name: 'a', fc: {} }],
    `${first}.fc.targetWWNs: Required value: must specify either targetWWNs or wwids, but not both`,
  ],
  [
    [
      {
        name: 'a',
        downwardAPI: {
          items: [
            {
              path: 'f',
              fieldRef: { fieldPath: 'metadata.name' },
              resourceFieldRef: { containerName: 'app', resource: 'limits.cpu' },
            },
          ],
        },
      },
    ],
    `${first}.downwardAPI: Invalid value: "resource": fieldRef and resourceFieldRef can not be specified simultaneously`,
  ],
  [[{ name: 'a', azureFile: { shareName: 's' } }], `${first}.azureFile.secretName: Required value`],
  [[{ name: 'a', azureDisk: { diskName: 'd', diskURI: 'x' } }], `${first}.azureDisk.diskURI: Unsupported value: "x"`],
  [[{ name: 'a', vsphereVolume: {} }], `${first}.vsphereVolume.volumePath: Required value`],
  [[{ name: 'a', photonPersistentDisk: {} }], `${first}.photonPersistentDisk.pdID: Required value`],
  [[{ name: 'a', portworxVolume: {} }], `${first}.portworxVolume.volumeID: Required value`],
  [[{ name: 'a', storageos: {} }], `${first}.storageos.volumeName: Required value`],
  [[{ name: 'a', scaleIO: { gateway: 'g', system: 's' } }], `${first}.scaleIO.volumeName: Required value`],
  [
    [{ name: 'a', quobyte: { registry: 'host', volume: 'v' } }],
    `${first}.quobyte.registry: Invalid value: "host": must be a host:port pair`,
  ],
  [
    [{ name: 'a', iscsi: { targetPortal: 't', iqn: 'bad', lun: 0 } }],
    `${first}.iscsi.iqn: Invalid value: "bad": must be valid format starting with iqn, eui, or naa`,
  ],
  [
    [
      {
        name: 'a',
        emptyDir: {},
        iscsi: { targetPortal: 'ü'.repeat(32), iqn: 'iqn.2001-04.com.example:s', lun: 0, initiatorName: 'iqn.x' },
      },
    ],
    `${first}.iscsi: Forbidden: may not specify more than 1 volume type`,
    `${first}.name: Invalid value: "a": Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters`,
  ],
  [
    [{ name: 'a', downwardAPI: { items: [{ path: 'f', fieldRef: { fieldPath: "metadata.name['a']" } }] } }],
    `${first}.downwardAPI.fieldRef.fieldPath: Invalid value: "metadata.name['a']": error converting fieldPath: field label does not support subscript: metadata.name['a']`,
  ],
];

function claim(): object {
  return { spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } };
}

describe('the volumes of a pod', () => {
  it.each<Row>(refused)('as %j are refused', (volumes, ...messages) => {
    const { refusals } = runCreate('/pods', changed(pod, { 'spec.volumes': volumes }));
    expect(refusals).toHaveLength(messages.length);
    for (const [index, message] of messages.entries()) expect(refusals[index]).toContain(message);
  });

  it('are accepted in every living form', () => {
    const volumes = [
      { name: 'none' },
      { name: 'dir', emptyDir: { medium: 'Memory', sizeLimit: '1Gi' } },
      { name: 'host', hostPath: { path: '/var', type: 'Directory' } },
      { name: 'secret', secret: { secretName: 's', defaultMode: 0o400, items: [{ key: 'k', path: 'a/b' }] } },
      { name: 'map', configMap: { name: 'm', optional: true } },
      { name: 'claim', persistentVolumeClaim: { claimName: 'c' } },
      { name: 'down', downwardAPI: { items: [{ path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } }] } },
      { name: 'csi', csi: { driver: 'Csi.example.com' } },
      { name: 'own', ephemeral: { volumeClaimTemplate: claim() } },
      { name: 'image', image: { reference: 'registry.example/data:1' } },
      {
        name: 'all',
        projected: {
          sources: [{ secret: { name: 's' } }, { serviceAccountToken: { path: 'token' } }],
        },
      },
    ];
    expect(runCreate('/pods', changed(pod, { 'spec.volumes': volumes })).refusals).toEqual([]);
  });

  it.each<[object]>([
    [{ flocker: { datasetUUID: 'b' } }],
    [{ quobyte: { registry: 'h:1,[::1]:2', volume: 'v', tenant: 't'.repeat(64) } }],
    [{ fc: { targetWWNs: ['w'], lun: 255 } }],
    [{ fc: { wwids: ['i'] } }],
    [{ iscsi: { targetPortal: 't', iqn: 'iqn.2001-04.com.example:s', lun: 255 } }],
    [{ gcePersistentDisk: { pdName: 'd', partition: 255 } }],
    [{ azureDisk: { diskName: 'd', diskURI: 'https://x' } }],
    [{ flexVolume: { driver: 'd', options: { 'example.com/x': '1' } } }],
    [{ storageos: { volumeName: 'v' } }],
    [{ scaleIO: { gateway: 'g', system: 's', volumeName: 'v', secretRef: { name: 's' } } }],
  ])('are accepted in the older form %j', (source) => {
    expect(runCreate('/pods', changed(pod, { 'spec.volumes': [{ name: 'a', ...source }] })).refusals).toEqual([]);
  });

  it('have claims of a name that fits', () => {
    const refusals = (name: string): readonly string[] =>
      runCreate(
        '/pods',
        changed(pod, {
          'metadata.name': name,
          'spec.volumes': [{ name: 'data', ephemeral: { volumeClaimTemplate: claim() } }],
        }),
      ).refusals;
    const longest = 'p'.repeat(248);
    expect(refusals(longest)).toEqual([]);
    expect(refusals(`${longest}p`)).toEqual([
      `${first}.name: Invalid value: "data": PVC name "${longest}p-data": must be no more than 253 characters`,
    ]);
  });

  it('forget what gates that are off keep for themselves', () => {
    const sources = [
      { clusterTrustBundle: { path: '' } },
      { podCertificate: { signerName: 'no', keyType: 'X' } },
      { secret: { name: 's' } },
    ];
    const { object, refusals } = runCreate(
      '/pods',
      changed(pod, { 'spec.volumes': [{ name: 'a', projected: { sources } }] }),
    );
    expect(refusals).toEqual([]);
    expect((object as corev1.Pod).spec?.volumes?.[0]?.projected?.sources).toEqual([{}, {}, { secret: { name: 's' } }]);
  });

  it('have no token of an account that the pod does not have', () => {
    const volumes = [{ name: 'a', projected: { sources: [{ serviceAccountToken: { path: 't' } }] } }];
    expect(
      runCreate('/pods', changed(pod, { 'spec.serviceAccountName': '', 'spec.volumes': volumes })).refusals,
    ).toEqual([
      'spec.volumes[0].projected.sources[0].serviceAccountToken: Forbidden: must not be specified when serviceAccountName is not set',
    ]);
  });

  it('must exist for every mount, and a mount must have its own place', () => {
    const { refusals } = runCreate(
      '/pods',
      changed(pod, {
        'spec.volumes': [{ name: 'a' }],
        'spec.containers.0.volumeMounts': [
          { name: 'a', mountPath: '/x' },
          { name: 'a', mountPath: '/x', subPath: '../up' },
          { name: 'b', mountPath: '' },
        ],
      }),
    );
    expect(refusals).toEqual([
      'spec.containers[0].volumeMounts[1].mountPath: Invalid value: "/x": must be unique',
      'spec.containers[0].volumeMounts.subPath: Invalid value: "../up": must not contain \'..\'',
      'spec.containers[0].volumeMounts[2].name: Not found: "b"',
      'spec.containers[0].volumeMounts[2].mountPath: Required value',
    ]);
  });
});
