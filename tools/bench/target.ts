/** How to reach a server: what a load process needs to know of it. */
export interface Target {
  readonly host: string;
  readonly port: number;
  readonly ca: string;
  readonly cert?: string;
  readonly key?: string;
  readonly token?: string;
  /** By HTTP/2; default: HTTP/1.1. */
  readonly speaksHttp2?: boolean;
}
