{{- define "tributary.namespace" -}}
{{ .Values.namespace.name | default .Release.Namespace }}
{{- end }}

{{/* The router and the services with models, by name. */}}
{{- define "tributary.processes" -}}
{{ set (deepCopy .Values.services) "router" .Values.router | toYaml }}
{{- end }}

{{/* Name and namespace of an object. Takes (list $ name). */}}
{{- define "tributary.named" -}}
name: {{ index . 1 }}
namespace: {{ include "tributary.namespace" (index . 0) }}
{{- end }}

{{/* Labels of a process's Deployment and pods. Takes its name. */}}
{{- define "tributary.labels" -}}
app.kubernetes.io/name: {{ . }}
app.kubernetes.io/component: {{ eq . "router" | ternary "router" "models" }}
app.kubernetes.io/part-of: tributary
{{- end }}

{{/* Settings of every process. */}}
{{- define "tributary.settings" -}}
{{- $own := dict "TRIBUTARY_HOST" "0.0.0.0" "TRIBUTARY_GRPC_PORT" "8001" "TRIBUTARY_METRICS_PORT" "8002" "TRIBUTARY_PROBE_PORT" "8003" }}
{{- if .Values.secure.enabled }}
{{- $_ := set $own "TRIBUTARY_SECURE" "true" }}
{{- $_ := set $own "TRIBUTARY_TLS_CERT" "/etc/tributary/tls/tls.crt" }}
{{- $_ := set $own "TRIBUTARY_TLS_KEY" "/etc/tributary/tls/tls.key" }}
{{- $_ := set $own "TRIBUTARY_METRICS_TLS" "true" }}
{{- $_ := set $own "TRIBUTARY_METRICS_CLIENT_CA" "/etc/tributary/tls/ca.crt" }}
{{- $_ := set $own "TRIBUTARY_CALLERS" "/etc/tributary/callers/callers" }}
{{- end }}
{{- mergeOverwrite $own .Values.settings | toYaml }}
{{- end }}

{{/* Settings of one process, beside those of all; {} where it has none. Takes (list $ name). */}}
{{- define "tributary.settingsOf" -}}
{{- $root := index . 0 }}
{{- $name := index . 1 }}
{{- $own := dict }}
{{- if eq $name "router" }}
{{- $upstreams := list }}
{{- range keys $root.Values.services | sortAlpha }}
{{- $upstreams = append $upstreams (printf "%s:8001" .) }}
{{- end }}
{{- $_ := set $own "TRIBUTARY_UPSTREAMS" (join "," $upstreams) }}
{{- if $root.Values.secure.enabled }}
{{- $_ := set $own "TRIBUTARY_UPSTREAM_CA" "/etc/tributary/tls/ca.crt" }}
{{- $_ := set $own "TRIBUTARY_UPSTREAM_CERT" "/etc/tributary/tls/tls.crt" }}
{{- $_ := set $own "TRIBUTARY_UPSTREAM_KEY" "/etc/tributary/tls/tls.key" }}
{{- end }}
{{- end }}
{{- $process := include "tributary.processes" $root | fromYaml | dig $name (dict) }}
{{- mergeOverwrite $own (dig "settings" (dict) $process) | toYaml }}
{{- end }}

{{/* The callers of the services with models. */}}
{{- define "tributary.modelsCallers" -}}
callers: |
  # Who may call the services with models: the router, by the name in its certificate.
  router infer,observe,forward cert:router
{{ end }}

{{/*
Name of a ConfigMap: it changes with the content, so that a change of settings is a rollout. The hash is kustomize's, digit by digit.
Takes (list name data), the data as YAML.
*/}}
{{- define "tributary.configMapName" -}}
{{- $hash := dict "kind" "ConfigMap" "name" "" "data" (index . 1 | fromYaml) | toJson | sha256sum | trunc 10 }}
{{- index . 0 }}-{{ $hash | replace "0" "g" | replace "1" "h" | replace "3" "k" | replace "a" "m" | replace "e" "t" }}
{{- end }}

{{/* A ConfigMap. Takes (list $ name data), the data as YAML. */}}
{{- define "tributary.configMap" -}}
apiVersion: v1
kind: ConfigMap
metadata:
  {{- include "tributary.named" (list (index . 0) (include "tributary.configMapName" (rest .))) | nindent 2 }}
  labels:
    app.kubernetes.io/part-of: tributary
  annotations:
    # Pods of the revision before still start from it while a rollout lasts, and after one that is taken back.
    helm.sh/resource-policy: keep
data:
  {{- index . 2 | nindent 2 }}
{{- end }}

{{/* What the chart cannot see in one value alone. */}}
{{- define "tributary.check" -}}
{{- $drain := trimSuffix "s" .Values.settings.TRIBUTARY_DRAIN_TIMEOUT | int }}
{{- $least := add .Values.preStopSeconds $drain 10 }}
{{- if lt (int .Values.terminationGracePeriodSeconds) (int $least) }}
{{- fail (printf "terminationGracePeriodSeconds is %v; expected at least %v: preStopSeconds, TRIBUTARY_DRAIN_TIMEOUT and 10 s" .Values.terminationGracePeriodSeconds $least) }}
{{- end }}
{{- end }}
