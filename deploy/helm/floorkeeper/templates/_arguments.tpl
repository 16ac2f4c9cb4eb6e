{{/* The command line of floorkeeper run. What is a default of the program is left out. */}}
{{- define "floorkeeper.arguments" -}}
{{- $prefix := printf "%s-" (include "floorkeeper.fullname" .) -}}
{{- $excluded := join "," .Values.excludeNamespaces -}}
- run
- --schedule=/etc/floorkeeper/schedule
- --schedule-configmap=$(POD_NAMESPACE)/{{ include "floorkeeper.configMap" . }}
- --metrics-bind-address=:{{ .Values.metrics.port }}
- --health-probe-bind-address=:8081
- --log-format={{ .Values.logFormat }}
{{- if ne .Values.logLevel "info" }}
- --log-level={{ .Values.logLevel }}
{{- end }}
{{- range .Values.namespaces }}
- --namespaces={{ . }}
{{- end }}
{{- if ne $excluded "kube-system" }}
- --exclude-namespaces={{ $excluded }}
{{- end }}
{{- if ne $prefix "floorkeeper-" }}
- --policy-name-prefix={{ $prefix }}
{{- end }}
{{- with .Values.limits.maxFloor }}
- --max-floor={{ int . }}
{{- end }}
{{- with .Values.limits.maxFloorFactor }}
- --max-floor-factor={{ . }}
{{- end }}
{{- with .Values.limits.warnAddedReplicas }}
- --warn-added-replicas={{ int . }}
{{- end }}
{{- if .Values.raiseTargets }}
- --raise-targets
{{- end }}
{{- if .Values.page.enabled }}
{{- if eq (int .Values.page.port) (int .Values.metrics.port) }}
{{- fail (printf "page.port and metrics.port are both %v: give them different ports" .Values.page.port) }}
{{- end }}
- --ui-bind-address=:{{ .Values.page.port }}
{{- end }}
{{- if .Values.metrics.secure }}
- --metrics-secure
{{- end }}
{{- with .Values.extraArgs }}
{{- if contains "--leader-election-namespace" (join " " .) }}
{{- fail "extraArgs: --leader-election-namespace is that of the release: use namespaceOverride, which moves the Roles and the floor guard too" }}
{{- end }}
{{ toYaml . }}
{{- end }}
{{- end -}}
