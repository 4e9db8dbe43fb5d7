import { describe, expect, it } from 'vitest';
import { changed, runCreate } from '../../../../testing/run-strategy';

const pod = {
  metadata: { name: 'p', namespace: 'team' },
  spec: {
    volumes: [
      { name: 'dir', emptyDir: {} },
      { name: 'disk', persistentVolumeClaim: { claimName: 'c' } },
      { name: 'spare', persistentVolumeClaim: { claimName: 'd' } },
    ],
    containers: [{ name: 'app', image: 'registry.example/app:3' }],
  },
};

const mounts = 'spec.containers[0].volumeMounts';
const devices = 'spec.containers[0].volumeDevices';

/** Mounts and devices of a container, and whether it is privileged. */
interface Given {
  readonly volumeMounts?: readonly object[];
  readonly volumeDevices?: readonly object[];
  readonly privileged?: boolean;
}

const refusalsOf = ({ volumeMounts, volumeDevices, privileged }: Given): readonly string[] =>
  runCreate(
    '/pods',
    changed(pod, {
      'spec.containers.0.volumeMounts': volumeMounts,
      'spec.containers.0.volumeDevices': volumeDevices,
      'spec.containers.0.securityContext': { privileged },
    }),
  ).refusals;

const dir = (more: object): Given => ({ volumeMounts: [{ name: 'dir', mountPath: '/dir', ...more }] });
const device = (more: object): object => ({ name: 'disk', devicePath: '/dev/x', ...more });

describe('a mount', () => {
  it.each<[Given, ...string[]]>([
    [
      { volumeMounts: [{ name: '', mountPath: '/a' }] },
      `${mounts}[0].name: Required value`,
      `${mounts}[0].name: Not found: ""`,
    ],
    [
      dir({ subPathExpr: '$(POD)', subPath: 'a' }),
      `${mounts}[0].subPathExpr: Invalid value: "$(POD)": subPathExpr and subPath are mutually exclusive`,
    ],
    // Upstream points at the list for all that is wrong inside of one of these fields.
    [dir({ subPath: '/a' }), `${mounts}.subPath: Invalid value: "/a": must be a relative path`],
    [dir({ subPathExpr: '/$(POD)' }), `${mounts}.subPathExpr: Invalid value: "/$(POD)": must be a relative path`],
    [dir({ subPathExpr: 'a/../$(POD)' }), `${mounts}.subPathExpr: Invalid value: "a/../$(POD)": must not contain '..'`],
    [
      dir({ mountPropagation: 'Sideways' }),
      `${mounts}.mountPropagation: Unsupported value: "Sideways": supported values: "Bidirectional", "HostToContainer", "None"`,
    ],
    [
      dir({ mountPropagation: 'Bidirectional' }),
      `${mounts}.mountPropagation: Forbidden: Bidirectional mount propagation is available only to privileged containers`,
    ],
    [
      dir({ readOnly: true, recursiveReadOnly: 'Always' }),
      `${mounts}.recursiveReadOnly: Unsupported value: "Always": supported values: "Disabled", "Enabled", "IfPossible"`,
    ],
    [
      dir({ recursiveReadOnly: 'IfPossible' }),
      `${mounts}.recursiveReadOnly: Forbidden: may only be specified when readOnly is true`,
    ],
    [
      dir({ readOnly: true, recursiveReadOnly: 'Enabled', mountPropagation: 'HostToContainer' }),
      `${mounts}.recursiveReadOnly: Forbidden: may only be specified when mountPropagation is None or not specified`,
    ],
  ])('as %j is refused', (given, ...messages) => {
    expect(refusalsOf(given)).toEqual(messages);
  });

  it.each<[Given]>([
    [dir({ subPath: 'a/..b' })],
    [dir({ subPathExpr: 'a/$(POD)' })],
    [dir({ mountPropagation: 'None' })],
    [dir({ mountPropagation: 'HostToContainer' })],
    [{ ...dir({ mountPropagation: 'Bidirectional' }), privileged: true }],
    [dir({ recursiveReadOnly: 'Disabled', mountPropagation: 'HostToContainer' })],
    [dir({ readOnly: true, recursiveReadOnly: 'Enabled', mountPropagation: 'None' })],
    [dir({ readOnly: true, recursiveReadOnly: 'IfPossible' })],
    [
      {
        volumeMounts: [
          { name: 'dir', mountPath: '/a', subPath: 'a' },
          { name: 'dir', mountPath: '/b', subPath: 'b' },
        ],
      },
    ],
  ])('as %j is accepted', (given) => {
    expect(refusalsOf(given)).toEqual([]);
  });
});

describe('a raw device', () => {
  it.each<[Given, ...string[]]>([
    [
      { volumeDevices: [device({ name: '' })] },
      `${devices}[0].name: Required value`,
      `${devices}[0].name: Not found: ""`,
    ],
    [{ volumeDevices: [device({ name: 'none' })] }, `${devices}[0].name: Not found: "none"`],
    [
      { volumeDevices: [device({ name: 'dir' })] },
      `${devices}[0].name: Invalid value: "dir": can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode`,
    ],
    [{ volumeDevices: [device({ devicePath: '' })] }, `${devices}[0].devicePath: Required value`],
    [
      { volumeDevices: [device({ devicePath: '/dev/../x' })] },
      `${devices}[0].devicePath: Invalid value: "/dev/../x": can not contain backsteps ('..')`,
    ],
    [
      { volumeDevices: [device({}), device({ devicePath: '/dev/y' })] },
      `${devices}[1].name: Invalid value: "disk": must be unique`,
    ],
    [
      { volumeDevices: [device({}), device({ name: 'spare' })] },
      `${devices}[1].devicePath: Invalid value: "/dev/x": must be unique`,
    ],
    // Both lists say it, each of its own entry.
    [
      { volumeMounts: [{ name: 'disk', mountPath: '/disk' }], volumeDevices: [device({})] },
      `${mounts}[0].name: Invalid value: "disk": must not already exist in volumeDevices`,
      `${devices}[0].name: Invalid value: "disk": must not already exist in volumeMounts`,
    ],
    [
      { volumeMounts: [{ name: 'dir', mountPath: '/dev/x' }], volumeDevices: [device({})] },
      `${mounts}[0].mountPath: Invalid value: "/dev/x": must not already exist as a path in volumeDevices`,
      `${devices}[0].devicePath: Invalid value: "/dev/x": must not already exist as a path in volumeMounts`,
    ],
  ])('as %j is refused', (given, ...messages) => {
    expect(refusalsOf(given)).toEqual(messages);
  });

  it('is a claim of its own beside mounts of others', () => {
    expect(
      refusalsOf({
        volumeMounts: [{ name: 'dir', mountPath: '/dir' }],
        volumeDevices: [device({}), device({ name: 'spare', devicePath: '/dev/y' })],
      }),
    ).toEqual([]);
  });

  it('may be a claim that comes and goes with the pod', () => {
    const volumeClaimTemplate = {
      spec: { volumeMode: 'Block', accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    };
    const own = changed(pod, { 'spec.volumes.0': { name: 'own', ephemeral: { volumeClaimTemplate } } });
    const using = changed(own, { 'spec.containers.0.volumeDevices': [device({ name: 'own' })] });
    expect(runCreate('/pods', using).refusals).toEqual([]);
  });
});
