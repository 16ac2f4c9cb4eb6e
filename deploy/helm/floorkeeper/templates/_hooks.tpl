{{/* What the Pods of hooks share: (list $ "account") */}}
{{- define "floorkeeper.hookPod" -}}
{{- $values := (first .).Values -}}
serviceAccountName: {{ last . | toYaml }}
automountServiceAccountToken: true
enableServiceLinks: false
restartPolicy: Never
{{- if kindIs "bool" $values.hostUsers }}
hostUsers: {{ $values.hostUsers }}
{{- end }}
{{- with $values.priorityClassName }}
priorityClassName: {{ . | toYaml }}
{{- end }}
{{- with $values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with get ($values.affinity | default dict) "nodeAffinity" }}
affinity: # without rules about other Pods, which may keep it from starting beside the controller's
  nodeAffinity:
    {{- toYaml . | nindent 4 }}
{{- end }}
{{- with $values.podSecurityContext }}
securityContext:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- define "floorkeeper.hookContainer" -}}
image: {{ include "floorkeeper.image" . | toYaml }}
{{- with .Values.image.pullPolicy }}
imagePullPolicy: {{ . }}
{{- end }}
{{- with .Values.extraEnv }}
env:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.resources }}
resources:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.securityContext }}
securityContext:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}
