export * from './certificate-keeper';
export * from './certificate-store';
export * from './request-certificate';
export * from './rotating-client';
