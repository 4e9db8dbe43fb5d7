import { orderedPlugins } from '@reckon/serve/admission';
import { OptionError } from './option-error';

interface AdmissionPluginFlags {
  readonly 'admission-control': readonly string[];
  readonly 'enable-admission-plugins': readonly string[];
  readonly 'disable-admission-plugins': readonly string[];
}

/** Which admission plugins are on and off beside the usual ones; `--admission-control` names all (kubeapiserver/options.computePluginNames). */
export function admissionPluginsOf({
  'admission-control': all,
  'enable-admission-plugins': enable,
  'disable-admission-plugins': disable,
}: AdmissionPluginFlags): {
  readonly enableAdmissionPlugins: readonly string[];
  readonly disableAdmissionPlugins: readonly string[];
} {
  if (all.length === 0) return { enableAdmissionPlugins: enable, disableAdmissionPlugins: disable };
  if (enable.length + disable.length > 0)
    throw new OptionError(
      '--admission-control and --enable-admission-plugins/--disable-admission-plugins are mutually exclusive',
      'leave out --admission-control, which is deprecated',
    );
  return {
    enableAdmissionPlugins: all,
    disableAdmissionPlugins: orderedPlugins.map(([name]) => name).filter((name) => !all.includes(name)),
  };
}
