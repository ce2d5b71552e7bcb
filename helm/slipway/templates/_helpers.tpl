{{- define "slipway.name" -}}
{{- ternary .Release.Name (printf "%s-slipway" .Release.Name) (contains "slipway" .Release.Name) | trunc 50 | trimSuffix "-" }}
{{- end }}

{{- define "slipway.selector" -}}
app.kubernetes.io/name: slipway
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "slipway.labels" -}}
{{ include "slipway.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- define "slipway.account" -}}
{{- if .Values.serviceAccount.create }}{{ default (include "slipway.name" .) .Values.serviceAccount.name }}{{ else }}{{ default "default" .Values.serviceAccount.name }}{{ end }}
{{- end }}

{{- /* The components by name with their arguments, as JSON. In split mode, each has its own Deployment. */}}
{{- define "slipway.components" -}}
{{- if eq .Values.mode "single" -}}
{"run": ["run"]}
{{- else -}}
{"server": ["server"], "intake": ["worker", "intake"], "plan": ["worker", "plan"], "deploy": ["worker", "deploy"], "notify": ["worker", "notify"]}
{{- end }}
{{- end }}

{{- /* The component that receives webhooks. */}}
{{- define "slipway.frontend" -}}
{{- if eq .Values.mode "single" }}run{{ else }}server{{ end }}
{{- end }}

{{- /* server.yaml: the operator's config with the paths and ports of the Pods. */}}
{{- define "slipway.config" -}}
{{- $own := dict "dataDir" "/var/lib/slipway" "listen" (dict "host" "0.0.0.0" "port" 8080) "metrics" (dict "host" "0.0.0.0" "port" 9090) }}
{{- $_ := required "config.publicUrl is required: the address under which forges and people reach Slipway" .Values.config.publicUrl }}
{{- toYaml (mergeOverwrite (deepCopy .Values.config) $own) }}
{{- end }}

{{- /*
The rights that the config needs on the cluster that Slipway runs in, as JSON:
records: the state namespaces; accounts: those to impersonate; createNamespaces.
*/}}
{{- define "slipway.rights" -}}
{{- $records := list }}
{{- $accounts := list }}
{{- $create := false }}
{{- range $name, $cluster := .Values.config.clusters }}
{{- if $cluster.inCluster }}
{{- $records = append $records (default "slipway" $cluster.stateNamespace) }}
{{- range $project := $.Values.config.projects }}
{{- $rule := get (default dict $project.clusters) $name }}
{{- if $rule }}
{{- if $rule.impersonate }}{{ $accounts = append $accounts $rule.impersonate }}{{ end }}
{{- if $rule.createNamespaces }}{{ $create = true }}{{ end }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- dict "records" (uniq $records) "accounts" (uniq $accounts) "createNamespaces" $create | toJson }}
{{- end }}
