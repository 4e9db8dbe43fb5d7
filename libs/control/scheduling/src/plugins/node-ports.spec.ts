import type { corev1 } from '@reckon/api/types';
import { describe, expect, it } from 'vitest';
import { filterReasons, isHelped, nodeInfo, pod, type PodParts } from '../testing/make';
import { podInfoOf } from '../cache/pod-info';
import { nodePorts } from './node-ports';

const plugin = nodePorts();
const using = (name: string, ...ports: Partial<corev1.ContainerPort>[]): PodParts => ({
  name,
  spec: { containers: [{ name: 'c', ports: ports.map((p) => ({ containerPort: 80, ...p })) }] },
});
const refused = "node(s) didn't have free ports for the requested pod ports";

describe('NodePorts', () => {
  it.each<[string, Partial<corev1.ContainerPort>, Partial<corev1.ContainerPort>, boolean]>([
    ['the same port', { hostPort: 80 }, { hostPort: 80 }, false],
    ['another port', { hostPort: 80 }, { hostPort: 81 }, true],
    ['another protocol', { hostPort: 80 }, { hostPort: 80, protocol: 'UDP' }, true],
    ['another address', { hostPort: 80, hostIP: '10.0.0.1' }, { hostPort: 80, hostIP: '10.0.0.2' }, true],
    ['the same address', { hostPort: 80, hostIP: '10.0.0.1' }, { hostPort: 80, hostIP: '10.0.0.1' }, false],
    ['every address wanted', { hostPort: 80, hostIP: '10.0.0.1' }, { hostPort: 80 }, false],
    ['every address taken', { hostPort: 80, hostIP: '0.0.0.0' }, { hostPort: 80, hostIP: '10.0.0.1' }, false],
    ['no host port', { hostPort: 80 }, {}, true],
  ])('%s', (_, taken, wanted, fits) => {
    const there = nodeInfo({}, [using('there', taken)]);
    expect(filterReasons(plugin, podInfoOf(pod(using('new', wanted))), [there])).toEqual([fits ? '' : refused]);
  });

  it('counts the ports of sidecars, not of init containers that end', () => {
    const init = (restartPolicy?: string): PodParts => ({
      name: 'there',
      spec: {
        initContainers: [
          {
            name: 'i',
            ports: [{ containerPort: 1, hostPort: 80 }],
            ...(restartPolicy === undefined ? {} : { restartPolicy }),
          },
        ],
      },
    });
    const wanting = podInfoOf(pod(using('new', { hostPort: 80 })));
    expect(filterReasons(plugin, wanting, [nodeInfo({}, [init()]), nodeInfo({}, [init('Always')])])).toEqual([
      '',
      refused,
    ]);
  });

  it('frees a port only with the last pod that holds it', () => {
    const node = nodeInfo({}, [
      { ...using('a', { hostPort: 80, hostIP: '10.0.0.1' }), uid: 'a' },
      { ...using('b', { hostPort: 80, hostIP: '10.0.0.1' }), uid: 'b' },
    ]);
    const wanting = podInfoOf(pod(using('new', { hostPort: 80 })));
    node.removePod('a');
    expect(filterReasons(plugin, wanting, [node])).toEqual([refused]);
    node.removePod('b');
    expect(filterReasons(plugin, wanting, [node])).toEqual(['']);
  });

  it('is helped by a pod that goes and held the port', () => {
    const wanting = podInfoOf(pod(using('new', { hostPort: 80 })));
    expect(
      isHelped(plugin, wanting, {
        resource: 'AssignedPod',
        action: 'Delete',
        before: pod(using('a', { hostPort: 80 })),
      }),
    ).toBe(true);
    expect(
      isHelped(plugin, wanting, {
        resource: 'AssignedPod',
        action: 'Delete',
        before: pod(using('a', { hostPort: 81 })),
      }),
    ).toBe(false);
  });
});
