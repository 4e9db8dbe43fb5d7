export { programVersion } from '@reckon/serve/http';
