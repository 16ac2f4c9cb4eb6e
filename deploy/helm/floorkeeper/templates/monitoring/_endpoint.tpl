{{/* How Prometheus scrapes /metrics: (list $ endpoint defaults), where the user's own fields replace the chart's. */}}
{{- define "floorkeeper.endpoint" -}}
{{- $endpoint := merge (dict "port" "metrics") (last .) -}}
{{- if (first .).Values.metrics.secure -}}
{{- $_ := set $endpoint "scheme" "https" -}}
{{- end -}}
{{- range $field, $value := index . 1 -}}
{{- $_ := set $endpoint $field $value -}}
{{- end -}}
{{- toYaml $endpoint -}}
{{- end -}}
