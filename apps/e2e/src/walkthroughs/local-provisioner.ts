/** The manifests of sig-storage-local-static-provisioner, from its configuration to the DaemonSet. */
export const provisioner = `
apiVersion: v1
kind: ConfigMap
metadata:
  name: local-provisioner-config
  namespace: default
data:
  storageClassMap: |
    ssd:
      hostDir: /mnt/ssd
      mountDir: /mnt/ssd
      volumeMode: Filesystem
      namePattern: "*"
---
apiVersion: v1
kind: ServiceAccount
metadata:
  name: local-storage-admin
  namespace: default
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata:
  name: local-storage-provisioner-pv-binding
  namespace: default
subjects:
  - { kind: ServiceAccount, name: local-storage-admin, namespace: default }
roleRef: { kind: ClusterRole, name: "system:persistent-volume-provisioner", apiGroup: rbac.authorization.k8s.io }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: local-storage-provisioner-node-clusterrole
rules:
  - { apiGroups: [""], resources: [nodes], verbs: [get] }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata:
  name: local-storage-provisioner-node-binding
  namespace: default
subjects:
  - { kind: ServiceAccount, name: local-storage-admin, namespace: default }
roleRef: { kind: ClusterRole, name: local-storage-provisioner-node-clusterrole, apiGroup: rbac.authorization.k8s.io }
---
apiVersion: apps/v1
kind: DaemonSet
metadata:
  name: local-volume-provisioner
  namespace: default
  labels: { app: local-volume-provisioner }
spec:
  selector:
    matchLabels: { app: local-volume-provisioner }
  template:
    metadata:
      labels: { app: local-volume-provisioner }
    spec:
      serviceAccountName: local-storage-admin
      containers:
        - name: provisioner
          image: local-volume-provisioner
          imagePullPolicy: Always
          securityContext: { privileged: true }
          env:
            - name: MY_NODE_NAME
              valueFrom: { fieldRef: { fieldPath: spec.nodeName } }
          volumeMounts:
            - { name: config, mountPath: /etc/provisioner/config, readOnly: true }
            - { name: ssd, mountPath: /mnt/ssd, mountPropagation: HostToContainer }
            - { name: dev, mountPath: /dev }
      volumes:
        - name: config
          configMap: { name: local-provisioner-config }
        - name: ssd
          hostPath: { path: /mnt/ssd }
        - name: dev
          hostPath: { path: /dev }
`;
