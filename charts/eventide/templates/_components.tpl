{{/*
The Components are those of components/ in the repository (files/components, renewed by make chart), with what differs in a cluster replaced: addresses,
secrets, scopes. Takes dict item (the file's object), overrides (setting: string, or map secretKeyRef, or "" to leave it out).
*/}}
{{- define "eventide.componentSpec" -}}
{{- $overrides := .overrides -}}
{{- $seen := dict -}}
type: {{ .item.spec.type }}
version: {{ .item.spec.version }}
{{- with .item.spec.initTimeout }}
initTimeout: {{ . }}
{{- end }}
metadata:
{{- range .item.spec.metadata }}
{{- $_ := set $seen .name true }}
{{- if hasKey $overrides .name }}
{{- include "eventide.componentSetting" (dict "name" .name "value" (get $overrides .name)) }}
{{- else }}
{{- include "eventide.componentSetting" . }}
{{- end }}
{{- end }}
{{- range $name, $value := $overrides }}
{{- if not (hasKey $seen $name) }}
{{- include "eventide.componentSetting" (dict "name" $name "value" $value) }}
{{- end }}
{{- end }}
{{- end }}

{{- define "eventide.componentSetting" -}}
{{- if kindIs "map" .value }}
- name: {{ .name }}
  secretKeyRef:
    name: {{ .value.name }}
    key: {{ .value.key }}
{{- else if ne (toString .value) "" }}
- name: {{ .name }}
  value: {{ toString .value | quote }}
{{- end }}
{{- end }}

{{- define "eventide.redisOverrides" -}}
{{- $redis := .redis -}}
{{- $overrides := dict "redisHost" (printf "%s:%d" $redis.host (int $redis.port)) "redisUsername" $redis.username "redisPassword" "" -}}
{{- if $redis.tls }}{{ $_ := set $overrides "enableTLS" "true" }}{{ end -}}
{{- with $redis.existingSecret }}{{ $_ := set $overrides "redisPassword" (dict "name" . "key" $redis.passwordKey) }}{{ end -}}
{{- toJson (mustMergeOverwrite $overrides $redis.metadata) -}}
{{- end }}

{{- define "eventide.brokerFolder" -}}
{{- get (dict "redis" "redis" "rabbitmq" "rabbitmq" "kafka" "kafka" "servicebus" "azure-servicebus" "snssqs" "aws-snssqs") .Values.broker -}}
{{- end }}

{{- define "eventide.brokerOverrides" -}}
{{- $broker := get .Values.brokers .Values.broker -}}
{{- $overrides := dict -}}
{{- if eq .Values.broker "redis" -}}
{{- $overrides = include "eventide.redisOverrides" (dict "redis" $broker) | fromJson -}}
{{- else if eq .Values.broker "rabbitmq" -}}
{{- $overrides = dict "connectionString" (dict "name" $broker.existingSecret "key" $broker.connectionStringKey) -}}
{{- else if eq .Values.broker "kafka" -}}
{{- $overrides = dict "brokers" $broker.brokers "authType" $broker.authType "version" $broker.version "disableTls" (ternary "" "true" $broker.tls) -}}
{{- if eq $broker.authType "password" -}}
{{- $secret := required "brokers.kafka.existingSecret: with authType password, name the Secret that holds the SASL user and password." $broker.existingSecret -}}
{{- $_ := set $overrides "saslUsername" (dict "name" $secret "key" $broker.usernameKey) -}}
{{- $_ := set $overrides "saslPassword" (dict "name" $secret "key" $broker.passwordKey) -}}
{{- $_ := set $overrides "saslMechanism" (replace "SCRAM-SHA" "SHA" $broker.saslMechanism) -}}
{{- end -}}
{{- else if eq .Values.broker "servicebus" -}}
{{- $overrides = dict "connectionString" (dict "name" $broker.existingSecret "key" $broker.connectionStringKey) -}}
{{- else -}}
{{- $overrides = dict "region" $broker.region "endpoint" "" "accessKey" "" "secretKey" "" "sessionToken" "" -}}
{{- with $broker.existingSecret -}}
{{- $_ := set $overrides "accessKey" (dict "name" . "key" $broker.accessKeyKey) -}}
{{- $_ := set $overrides "secretKey" (dict "name" . "key" $broker.secretKeyKey) -}}
{{- end -}}
{{- end -}}
{{- toJson (mustMergeOverwrite $overrides $broker.metadata) -}}
{{- end }}

{{/* Takes dict root, kind (of state store). */}}
{{- define "eventide.storeOverrides" -}}
{{- $store := get .root.Values.stateStores .kind -}}
{{- if eq .kind "redis" -}}
{{- include "eventide.redisOverrides" (dict "redis" $store) -}}
{{- else -}}
{{- toJson (mustMergeOverwrite (dict "connectionString" (dict "name" $store.existingSecret "key" $store.connectionStringKey)) $store.metadata) -}}
{{- end -}}
{{- end }}

{{/* The TCP ports of the chosen broker and of one service's store, as a JSON list. Takes dict root, service. */}}
{{- define "eventide.backendPorts" -}}
{{- $values := .root.Values -}}
{{- $ports := get (dict "redis" (list $values.brokers.redis.port) "rabbitmq" (list $values.brokers.rabbitmq.port) "kafka" (list $values.brokers.kafka.port) "servicebus" (list 443 5671) "snssqs" (list 443)) $values.broker -}}
{{- if .service.store -}}
{{- $ports = append $ports (get $values.stateStores (default $values.stateStore .service.stateStore)).port -}}
{{- end -}}
{{- $numbers := list -}}
{{- range $ports }}{{ $numbers = append $numbers (int .) }}{{ end -}}
{{- $numbers | uniq | toJson -}}
{{- end }}
