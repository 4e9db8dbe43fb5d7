/** The four kinds that make the policy, by resource. */
export const rbacGroup = 'rbac.authorization.k8s.io';

export type RbacResource = 'clusterroles' | 'clusterrolebindings' | 'roles' | 'rolebindings';

export const rbacResources: readonly RbacResource[] = ['clusterroles', 'clusterrolebindings', 'roles', 'rolebindings'];
