export { versionInfo } from '@reckon/serve/http';
