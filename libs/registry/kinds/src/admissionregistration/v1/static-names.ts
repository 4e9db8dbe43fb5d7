interface Named {
  readonly metadata: { readonly name?: string };
}

const suffix = '.static.k8s.io';

/** WarningsForStaticSuffix: names that a later server keeps for what it reads from files. */
export const staticNameWarnings = ({ metadata: { name = '' } }: Named): string[] =>
  name.endsWith(suffix)
    ? [
        `metadata.name: names ending with "${suffix}" will be reserved for static manifest-based configurations when the ManifestBasedAdmissionControlConfig feature gate is enabled`,
      ]
    : [];
