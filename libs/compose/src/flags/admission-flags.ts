import { orderedPlugins } from '@reckon/serve/admission';
import { file, list, whole } from './flag';

const usual = orderedPlugins
  .filter(([, mode]) => mode === 'on')
  .map(([name]) => name)
  .join(', ');
const known = orderedPlugins
  .map(([name]) => name)
  .sort()
  .join(', ');

const tolerated = (taint: string): string =>
  `seconds for which pods that say nothing about it tolerate ${taint}:NoExecute (plugin DefaultTolerationSeconds)`;

/** What is asked of objects before they are stored. */
export const admissionFlags = {
  'admission-control': list(
    'all plugins that are asked, instead of the two flags that enable and disable some (upstream has deprecated it; the order does not matter here)',
  ),
  'admission-control-config-file': file('AdmissionConfiguration: what plugins are told'),
  'default-not-ready-toleration-seconds': whole(tolerated('notReady'), { initial: 300 }),
  'default-unreachable-toleration-seconds': whole(tolerated('unreachable'), { initial: 300 }),
  'disable-admission-plugins': list(
    `plugins to leave out although they are among the usual ones (${usual}). Comma-delimited list of admission plugins: ${known}. The order of plugins in this flag does not matter.`,
  ),
  'enable-admission-plugins': list(
    `plugins beside the usual ones (${usual}). Comma-delimited list of admission plugins: ${known}. The order of plugins in this flag does not matter.`,
  ),
};
