{{/* The name of the Deployment, and the beginning of all other names. The longest of them has 20 characters more. The name of a
release may have dots, and that of a Service may not. */}}
{{- define "floorkeeper.fullname" -}}
{{- $name := .Values.nameOverride | default .Chart.Name -}}
{{- $release := replace "." "-" .Release.Name -}}
{{- $full := contains $name $release | ternary $release (printf "%s-%s" $release $name) -}}
{{- .Values.fullnameOverride | default $full | trunc 43 | trimAll "-" -}}
{{- end -}}

{{/* The name of a Service: (list $ "metrics") */}}
{{- define "floorkeeper.serviceName" -}}
{{- $name := include "floorkeeper.fullname" (first .) -}}
{{- if and (regexMatch "^[0-9]" $name) (semverCompare "<1.36.0-0" (first .).Capabilities.KubeVersion.Version) -}}
{{- fail (printf "Service %s-%s: before Kubernetes 1.36, the name of a Service begins with a letter: set fullnameOverride" $name (last .)) -}}
{{- end -}}
{{- printf "%s-%s" $name (last .) -}}
{{- end -}}

{{- define "floorkeeper.namespace" -}}
{{- .Values.namespaceOverride | default .Release.Namespace -}}
{{- end -}}

{{- define "floorkeeper.serviceAccountName" -}}
{{- .Values.serviceAccount.name | default (.Values.serviceAccount.create | ternary (include "floorkeeper.fullname" .) "default") -}}
{{- end -}}

{{- define "floorkeeper.configMap" -}}
{{- .Values.schedule.existingConfigMap | default (printf "%s-schedule" (include "floorkeeper.fullname" .)) -}}
{{- end -}}

{{- define "floorkeeper.image" -}}
{{- with .Values.image -}}
{{ with .registry }}{{ . }}/{{ end }}{{ .repository }}{{ with .digest }}@{{ . }}{{ else }}:{{ .tag | default $.Chart.AppVersion }}{{ end }}
{{- end -}}
{{- end -}}

{{/* The name is fixed: floorkeeper status and release find the Deployment by it. */}}
{{- define "floorkeeper.selectorLabels" -}}
app.kubernetes.io/name: floorkeeper
app.kubernetes.io/instance: {{ .Release.Name | toYaml }}
{{- end -}}

{{- define "floorkeeper.labels" -}}
{{ include "floorkeeper.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{/* Labels and annotations of an object: (dict "root" $ "labels" ... "annotations" ...) */}}
{{- define "floorkeeper.meta" -}}
{{- $labels := merge (include "floorkeeper.labels" .root | fromYaml) (.labels | default dict) (.root.Values.commonLabels | default dict) -}}
{{- $annotations := merge dict (.annotations | default dict) (.root.Values.commonAnnotations | default dict) -}}
labels:
  {{- toYaml $labels | nindent 2 }}
{{- with $annotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* Labels and annotations of a Pod: (dict "root" $ "name" "floorkeeper-test" "labels" ... "annotations" ...). Not those of the
chart's version: a new one must not restart Pods by itself. */}}
{{- define "floorkeeper.podMeta" -}}
{{- $own := dict "app.kubernetes.io/name" .name "app.kubernetes.io/instance" .root.Release.Name -}}
labels:
  {{- merge $own (.labels | default dict) (.root.Values.commonLabels | default dict) | toYaml | nindent 2 }}
{{- with merge dict (.annotations | default dict) (.root.Values.commonAnnotations | default dict) }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* An object that exists only while the release is being deleted: (list $ "-5") with its weight */}}
{{- define "floorkeeper.hookMeta" -}}
{{- $hook := dict "helm.sh/hook" "pre-delete" "helm.sh/hook-weight" (last .) "helm.sh/hook-delete-policy" "before-hook-creation,hook-succeeded" -}}
{{- include "floorkeeper.meta" (dict "root" (first .) "annotations" $hook) -}}
{{- end -}}

{{/* The last object of a kind that Helm has installed for this release, if any: (list $ "apps/v1" "Deployment" "namespace"), in all
namespaces with "" */}}
{{- define "floorkeeper.ofRelease" -}}
{{- $release := (first .).Release -}}
{{- $found := dict -}}
{{- range (lookup (index . 1) (index . 2) (last .) "").items -}}
{{- $annotations := .metadata.annotations | default dict -}}
{{- $ours := eq (get (.metadata.labels | default dict) "app.kubernetes.io/name") "floorkeeper" -}}
{{- if and $ours (eq (get $annotations "meta.helm.sh/release-name") $release.Name) (eq (get $annotations "meta.helm.sh/release-namespace") $release.Namespace) -}}
{{- $found = . -}}
{{- end -}}
{{- end -}}
{{- toJson $found -}}
{{- end -}}

{{/* "true" if a policy is to be installed: (list $ .Values.policies.guard) */}}
{{- define "floorkeeper.policyEnabled" -}}
{{- $served := (first .).Capabilities.APIVersions.Has "admissionregistration.k8s.io/v1/MutatingAdmissionPolicy" -}}
{{- if or (eq (toString (last .)) "true") (and $served (eq (toString (last .)) "auto")) }}true{{ end -}}
{{- end -}}

{{/* "true" if the notice is to be installed: auto follows the guard. */}}
{{- define "floorkeeper.noticeEnabled" -}}
{{- $notice := .Values.policies.notice -}}
{{- include "floorkeeper.policyEnabled" (list . (eq (toString $notice) "auto" | ternary .Values.policies.guard $notice)) -}}
{{- end -}}

{{- define "floorkeeper.floorRules" -}}
- apiGroups: [autoscaling]
  resources: [horizontalpodautoscalers]
  verbs: [get, list, watch, patch]
- apiGroups: [events.k8s.io]
  resources: [events]
  verbs: [create]
{{- end -}}

{{- define "floorkeeper.targetRules" -}}
- apiGroups: [apps]
  resources: [deployments/scale, statefulsets/scale]
  verbs: [get, patch]
{{- end -}}

{{- define "floorkeeper.policyRules" -}}
{{- $prefix := include "floorkeeper.fullname" . -}}
- apiGroups: [admissionregistration.k8s.io]
  resources: [mutatingadmissionpolicies, mutatingadmissionpolicybindings]
  resourceNames: [{{ $prefix }}-floor-guard]
  verbs: [get, watch]
- apiGroups: [admissionregistration.k8s.io]
  resources: [mutatingadmissionpolicies, mutatingadmissionpolicybindings]
  resourceNames: [{{ $prefix }}-floor-hand-back]
  verbs: [get]
- apiGroups: [admissionregistration.k8s.io]
  resources: [validatingadmissionpolicies, validatingadmissionpolicybindings]
  resourceNames: [{{ $prefix }}-floor-notice, {{ $prefix }}-floor-scope, {{ $prefix }}-floor-scope-targets]
  verbs: [get]
{{- end -}}

{{/* A (Cluster)RoleBinding's reference and subject: (list $ "ClusterRole" "name" "account") */}}
{{- define "floorkeeper.binds" -}}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: {{ index . 1 }}
  name: {{ index . 2 | toYaml }}
subjects:
  - kind: ServiceAccount
    name: {{ index . 3 | toYaml }}
    namespace: {{ include "floorkeeper.namespace" (first .) | toYaml }}
{{- end -}}

{{/* Why a policy is installed or not, for the notes: (list $ value "true") */}}
{{- define "floorkeeper.why" -}}
{{- if ne (toString (index . 1)) "auto" }}as set{{ else if last . }}auto: the API server serves MutatingAdmissionPolicy v1{{ else }}auto: the API server does not serve MutatingAdmissionPolicy v1, or helm was not connected to it{{ end -}}
{{- end -}}
