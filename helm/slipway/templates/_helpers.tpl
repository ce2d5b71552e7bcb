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

{{- /* The account of a component. The server and the notify worker call no cluster, and so have one without rights. */}}
{{- define "slipway.accountOf" -}}
{{- if has .component (list "server" "notify") -}}
{{- if .root.Values.serviceAccount.create }}{{ include "slipway.name" .root }}-unprivileged{{ else }}default{{ end }}
{{- else }}
{{- include "slipway.account" .root }}
{{- end }}
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

{{- /*
The parts of server.yaml whose secrets a component needs, as JSON; src/config/needed-secrets.ts has the same table.
*/}}
{{- define "slipway.secretParts" -}}
{{- $config := .root.Values.config }}
{{- $webhooks := list }}
{{- $access := list $config.clusters }}
{{- $signing := list $config.linkSecret }}
{{- range $forge := $config.forges }}
{{- $webhooks = append $webhooks $forge.webhookSecrets }}
{{- $access = append $access (omit $forge "webhookSecrets") }}
{{- end }}
{{- range $project := $config.projects }}{{ $webhooks = append $webhooks $project.webhookSecrets }}{{ end }}
{{- $parts := list $config.redis }}
{{- $component := .component }}
{{- if has $component (list "run" "server") }}{{ $parts = concat $parts $webhooks (list $config.api) $signing }}{{ end }}
{{- if eq $component "notify" }}{{ $parts = concat $parts (without $access $config.clusters) $signing }}{{ end }}
{{- if has $component (list "run" "intake" "plan" "deploy") }}{{ $parts = concat $parts $access }}{{ end }}
{{- toJson (dict "parts" $parts) }}
{{- end }}

{{- /* Every name that { env: NAME } or { file: NAME } has in a value, one a line; .key is env or file. */}}
{{- define "slipway.secretNames" -}}
{{- $key := .key }}
{{- if kindIs "map" .value }}
{{- $name := get .value $key }}
{{- if and (eq (len .value) 1) (kindIs "string" $name) (ne $name "") }}
{{ $name }}
{{- else }}
{{- range $child := values .value }}{{ include "slipway.secretNames" (dict "key" $key "value" $child) }}{{ end }}
{{- end }}
{{- else if kindIs "slice" .value }}
{{- range $child := .value }}{{ include "slipway.secretNames" (dict "key" $key "value" $child) }}{{ end }}
{{- end }}
{{- end }}

{{- /* The secrets of a component as JSON: names of environment variables, and of files. */}}
{{- define "slipway.secrets" -}}
{{- $parts := (include "slipway.secretParts" . | fromJson).parts }}
{{- $env := include "slipway.secretNames" (dict "key" "env" "value" $parts) | splitList "\n" | compact | uniq | sortAlpha }}
{{- $files := include "slipway.secretNames" (dict "key" "file" "value" $parts) | splitList "\n" | compact | uniq }}
{{- if has .component (list "run" "intake" "plan" "deploy") }}{{ $files = concat $files .root.Values.clusterFiles | uniq }}{{ end }}
{{- toJson (dict "env" $env "files" (sortAlpha $files)) }}
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
