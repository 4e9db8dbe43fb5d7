export { createOpenapi, type Openapi, type OpenapiDocument, type OpenapiIndex, type OpenapiOptions } from './openapi';
export type { Describe } from './schemas';
export { swaggerDocument, type SwaggerDocument, type SwaggerOptions } from './swagger-document';
