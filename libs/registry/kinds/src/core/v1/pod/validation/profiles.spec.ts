import { describe, expect, it } from 'vitest';
import { changed, runCreate, runUpdate } from '../../../../testing/run-strategy';

const pod = {
  metadata: { name: 'p', namespace: 'team', annotations: {} },
  spec: { containers: [{ name: 'app', image: 'registry.example/app:3' }] },
};

const own = 'spec.containers[0].securityContext';
const kinds = 'supported values: "Localhost", "RuntimeDefault", "Unconfined"';
const appArmor = 'container.apparmor.security.beta.kubernetes.io/app';
const seccompOfPod = 'seccomp.security.alpha.kubernetes.io/pod';
const seccomp = 'container.seccomp.security.alpha.kubernetes.io/app';

const refusalsOf = (changes: Readonly<Record<string, unknown>>): readonly string[] =>
  runCreate('/pods', changed(pod, changes)).refusals;

type Row = [Readonly<Record<string, unknown>>, ...string[]];

describe('the profiles of a container', () => {
  const of = (securityContext: object): Record<string, unknown> => ({
    'spec.containers.0.securityContext': securityContext,
  });
  const seccompProfile = (profile: object): Record<string, unknown> => of({ seccompProfile: profile });
  const appArmorProfile = (profile: object): Record<string, unknown> => of({ appArmorProfile: profile });

  it.each<Row>([
    [seccompProfile({}), `${own}.seccompProfile.type: Required value: type is required when seccompProfile is set`],
    [seccompProfile({ type: 'Some' }), `${own}.seccompProfile.type: Unsupported value: "Some": ${kinds}`],
    [
      seccompProfile({ type: 'RuntimeDefault', localhostProfile: 'a' }),
      `${own}.seccompProfile.localhostProfile: Invalid value: {"Type":"RuntimeDefault","LocalhostProfile":"a"}: can only be set when seccomp type is Localhost`,
    ],
    [
      seccompProfile({ type: 'Localhost', localhostProfile: '../a' }),
      `${own}.seccompProfile.localhostProfile: Invalid value: "../a": must not contain '..'`,
    ],
    [appArmorProfile({}), `${own}.appArmorProfile.type: Required value: type is required when appArmorProfile is set`],
    [appArmorProfile({ type: 'Some' }), `${own}.appArmorProfile.type: Unsupported value: "Some": ${kinds}`],
    [
      appArmorProfile({ type: 'Localhost' }),
      `${own}.appArmorProfile.localhostProfile: Required value: must be set when AppArmor type is Localhost`,
    ],
    [
      appArmorProfile({ type: 'Localhost', localhostProfile: '' }),
      `${own}.appArmorProfile.localhostProfile: Required value: must be set when AppArmor type is Localhost`,
    ],
    [
      appArmorProfile({ type: 'Localhost', localhostProfile: ' a' }),
      `${own}.appArmorProfile.localhostProfile: Invalid value: " a": must not be padded with whitespace`,
    ],
    [
      appArmorProfile({ type: 'Localhost', localhostProfile: 'a'.repeat(4096) }),
      `${own}.appArmorProfile.localhostProfile: Too long: may not be more than 4095 bytes`,
    ],
  ])('as %j are refused', (changes, ...messages) => {
    expect(refusalsOf(changes)).toEqual(messages);
  });

  it.each<[Record<string, unknown>]>([
    [seccompProfile({ type: 'RuntimeDefault' })],
    [seccompProfile({ type: 'Unconfined' })],
    [seccompProfile({ type: 'Localhost', localhostProfile: 'a/b.json' })],
    [appArmorProfile({ type: 'RuntimeDefault' })],
    [appArmorProfile({ type: 'Unconfined' })],
    [appArmorProfile({ type: 'Localhost', localhostProfile: 'a'.repeat(4095) })],
  ])('as %j are accepted', (changes) => {
    expect(refusalsOf(changes)).toEqual([]);
  });
});

describe('an annotation that stands for a profile', () => {
  const annotated = (key: string, value: string): Record<string, unknown> => ({
    'metadata.annotations': { [key]: value },
  });

  it.each<Row>([
    // Upstream takes the key of seccomp for a field's name.
    [
      annotated(seccompOfPod, 'strict'),
      `metadata.annotations.${seccompOfPod}: Invalid value: "strict": must be a valid seccomp profile`,
    ],
    [
      annotated(seccomp, 'strict'),
      `metadata.annotations.${seccomp}: Invalid value: "strict": must be a valid seccomp profile`,
    ],
    [
      annotated(seccomp, 'localhost//etc/a'),
      `metadata.annotations.${seccomp}: Invalid value: "/etc/a": must be a relative path`,
    ],
    [
      annotated(appArmor, 'strict'),
      `metadata.annotations[${appArmor}]: Invalid value: "strict": invalid AppArmor profile name: "strict"`,
    ],
    [
      annotated(appArmor.replace('/app', '/other'), 'unconfined'),
      `metadata.annotations[${appArmor.replace('/app', '/other')}]: Invalid value: "other": container not found`,
    ],
  ])('as %j is refused', (changes, ...messages) => {
    expect(refusalsOf(changes)).toEqual(messages);
  });

  it.each<[Record<string, unknown>]>([
    [annotated(seccompOfPod, 'runtime/default')],
    [annotated(seccomp, 'docker/default')],
    [annotated(seccomp, 'unconfined')],
    [annotated(seccomp, 'localhost/a.json')],
    [annotated(appArmor, '')],
    [annotated(appArmor, 'runtime/default')],
    [annotated(appArmor, 'localhost/a')],
    [{ ...annotated('kubernetes.io/config.mirror', 'x'), 'spec.nodeName': 'n1' }],
  ])('as %j is accepted', (changes) => {
    expect(refusalsOf(changes)).toEqual([]);
  });
});

describe('an annotation beside the profile that it stands for', () => {
  interface Both {
    readonly key: string;
    readonly value: string;
    /** The security context of the pod or of its container. */
    readonly of: 'pod' | 'container';
    readonly profile: object;
  }
  const both = ({ key, value, of, profile }: Both): Record<string, unknown> => ({
    'metadata.annotations': { [key]: value },
    [of === 'pod' ? 'spec.securityContext' : 'spec.containers.0.securityContext']: {
      [key === appArmor ? 'appArmorProfile' : 'seccompProfile']: profile,
    },
  });
  const unconfined = { type: 'Unconfined' };
  const runtime = { type: 'RuntimeDefault' };
  const local = { type: 'Localhost', localhostProfile: 'a' };
  const type = (what: string): string => `Forbidden: ${what} type in annotation and field must match`;
  const file = (what: string): string => `Forbidden: ${what} profile in annotation and field must match`;

  it.each<[Both, string]>([
    [
      { key: seccompOfPod, value: 'runtime/default', of: 'pod', profile: unconfined },
      `spec.securityContext.seccompProfile.type: ${type('seccomp')}`,
    ],
    [
      { key: seccomp, value: 'unconfined', of: 'container', profile: runtime },
      `${own}.seccompProfile.type: ${type('seccomp')}`,
    ],
    [
      { key: seccomp, value: 'unconfined', of: 'container', profile: local },
      `${own}.seccompProfile.type: ${type('seccomp')}`,
    ],
    [
      { key: seccomp, value: 'localhost/b', of: 'container', profile: local },
      `${own}.seccompProfile.localhostProfile: ${file('seccomp')}`,
    ],
    [
      { key: appArmor, value: 'runtime/default', of: 'container', profile: unconfined },
      `${own}.appArmorProfile.type: ${type('apparmor')}`,
    ],
    [
      { key: appArmor, value: 'unconfined', of: 'container', profile: runtime },
      `${own}.appArmorProfile.type: ${type('apparmor')}`,
    ],
    [
      { key: appArmor, value: 'localhost/b', of: 'container', profile: local },
      `${own}.appArmorProfile.localhostProfile: ${file('apparmor')}`,
    ],
  ])('is refused as %j', (given, message) => {
    expect(refusalsOf(both(given))).toEqual([message]);
  });

  it.each<[Both]>([
    [{ key: seccompOfPod, value: 'docker/default', of: 'pod', profile: runtime }],
    [{ key: seccomp, value: 'unconfined', of: 'container', profile: unconfined }],
    [{ key: seccomp, value: 'localhost/a', of: 'container', profile: local }],
    [{ key: appArmor, value: 'runtime/default', of: 'container', profile: runtime }],
    [{ key: appArmor, value: 'unconfined', of: 'pod', profile: unconfined }],
    [{ key: appArmor, value: 'localhost/a', of: 'container', profile: local }],
  ])('is accepted as %j', (given) => {
    expect(refusalsOf(both(given))).toEqual([]);
  });

  it('counts for a container whose pod says another', () => {
    const changes = both({ key: appArmor, value: 'unconfined', of: 'pod', profile: local });
    expect(refusalsOf(changes)).toEqual([]);
    // The annotation of a template is turned into the container's field only when a pod comes of it.
    const labels = { app: 'a' };
    const template = changed(pod, { metadata: { labels }, ...changes });
    const spec = { replicas: 1, selector: { matchLabels: labels }, template };
    expect(runCreate('apps/deployments', { metadata: { name: 'd', namespace: 'team' }, spec }).refusals).toEqual([
      `spec.template.${own}.appArmorProfile.type: ${type('apparmor')}`,
    ]);
  });
});

describe('an annotation that the kubelet trusts', () => {
  const mirror = 'kubernetes.io/config.mirror';
  const at = (key: string): string => `metadata.annotations[${key}]`;

  it.each<[Record<string, string>, Record<string, string>, ...string[]]>([
    [{}, { [appArmor]: 'unconfined' }, `${at(appArmor)}: Forbidden: may not add AppArmor annotations`],
    [
      { [appArmor]: 'unconfined' },
      { [appArmor]: 'runtime/default' },
      `${at(appArmor)}: Forbidden: may not remove or update AppArmor annotations`,
    ],
    [{ [appArmor]: 'unconfined' }, {}, `${at(appArmor)}: Forbidden: may not remove or update AppArmor annotations`],
    [{}, { [mirror]: 'x' }, `${at(mirror)}: Forbidden: may not add mirror pod annotation`],
    [{ [mirror]: 'x' }, { [mirror]: 'y' }, `${at(mirror)}: Forbidden: may not remove or update mirror pod annotation`],
    [{ [mirror]: 'x' }, {}, `${at(mirror)}: Forbidden: may not remove or update mirror pod annotation`],
    [
      { [mirror]: 'x', [appArmor]: 'unconfined' },
      { [mirror]: 'x', [appArmor]: 'unconfined', mine: 'z' },
    ],
  ])('of %j to %j', (before, after, ...messages) => {
    const old = runCreate('/pods', changed(pod, { 'metadata.annotations': before, 'spec.nodeName': 'n1' }));
    expect(old.refusals).toEqual([]);
    expect(runUpdate('/pods', old.object, changed(old.object, { 'metadata.annotations': after })).refusals).toEqual(
      messages,
    );
  });
});
