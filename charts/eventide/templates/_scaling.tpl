{{/* How fast it may grow and shrink; takes the service's autoscaling. */}}
{{- define "eventide.behavior" -}}
scaleUp:
  stabilizationWindowSeconds: {{ int .scaleUp.stabilizationSeconds }}
  selectPolicy: Max
  policies:
    - type: Percent
      value: {{ int .scaleUp.percent }}
      periodSeconds: 15
    - type: Pods
      value: {{ int .scaleUp.pods }}
      periodSeconds: 15
scaleDown:
  stabilizationWindowSeconds: {{ int .scaleDown.stabilizationSeconds }}
  selectPolicy: Max
  policies:
    - type: Percent
      value: {{ int .scaleDown.percent }}
      periodSeconds: 60
{{- end }}

{{/*
KEDA's triggers for one service's backlog. The names are those that Dapr gives: a consumer group is the app id, RabbitMQ's queue is app id and topic, SQS has
one queue per app. Takes dict root, name, topics, autoscaling.
*/}}
{{- define "eventide.triggers" -}}
{{- $broker := get .root.Values.brokers .root.Values.broker -}}
{{- $kind := .root.Values.broker -}}
{{- $target := .autoscaling.backlogPerReplica | toString -}}
{{- $activation := .autoscaling.activation | toString -}}
{{- $authentication := "" -}}
{{- if include "eventide.triggerSecrets" .root -}}
{{- $authentication = printf "%s-broker" (include "eventide.fullname" .root) -}}
{{- end -}}
{{- $triggers := list -}}
{{- if eq $kind "snssqs" -}}
{{- $prefix := ternary "" (printf "%s/" (trimSuffix "/" $broker.queueUrlPrefix)) (empty $broker.queueUrlPrefix) -}}
{{- $triggers = append $triggers (dict "type" "aws-sqs-queue" "name" "queue" "metadata" (dict "queueURL" (printf "%s%s" $prefix .name) "awsRegion" $broker.region "queueLength" $target "activationQueueLength" $activation)) -}}
{{- else -}}
{{- range .topics -}}
{{- if eq $kind "redis" -}}
{{- $metadata := dict "address" (printf "%s:%d" $broker.host (int $broker.port)) "stream" . "consumerGroup" $.name -}}
{{- if $broker.tls }}{{ $_ := set $metadata "enableTLS" "true" }}{{ end -}}
{{- /* Lag is what no replica has fetched, the only one that wakes a sleeping service; pending is what replicas hold. Neither sees the other's. */ -}}
{{- $lag := dict "lagCount" $target -}}
{{- if gt (int $.autoscaling.activation) 0 }}{{ $_ := set $lag "activationLagCount" $activation }}{{ end -}}
{{- $triggers = append $triggers (dict "type" "redis-streams" "name" (printf "%s-lag" .) "metadata" (merge $lag $metadata)) -}}
{{- $triggers = append $triggers (dict "type" "redis-streams" "name" (printf "%s-pending" .) "metadata" (merge (dict "pendingEntriesCount" $target) $metadata)) -}}
{{- else if eq $kind "rabbitmq" -}}
{{- $triggers = append $triggers (dict "type" "rabbitmq" "name" . "metadata" (dict "queueName" (printf "%s-%s" $.name .) "mode" "QueueLength" "protocol" $broker.kedaProtocol "value" $target "activationValue" $activation)) -}}
{{- else if eq $kind "kafka" -}}
{{- /* earliest, as the component begins with the oldest: a group that has committed nothing yet has everything before it. */ -}}
{{- $metadata := dict "bootstrapServers" $broker.brokers "topic" . "consumerGroup" $.name "lagThreshold" $target "activationLagThreshold" $activation "offsetResetPolicy" "earliest" -}}
{{- if eq $broker.authType "password" }}{{ $_ := set $metadata "sasl" (get (dict "PLAIN" "plaintext" "SCRAM-SHA-256" "scram_sha256" "SCRAM-SHA-512" "scram_sha512") $broker.saslMechanism) }}{{ end -}}
{{- if $broker.tls }}{{ $_ := set $metadata "tls" "enable" }}{{ end -}}
{{- $triggers = append $triggers (dict "type" "kafka" "name" . "metadata" $metadata) -}}
{{- else -}}
{{- $triggers = append $triggers (dict "type" "azure-servicebus" "name" . "metadata" (dict "topicName" . "subscriptionName" $.name "messageCount" $target "activationMessageCount" $activation)) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- range $triggers -}}
{{- if $authentication }}{{ $_ := set . "authenticationRef" (dict "name" $authentication) }}{{ end -}}
{{- end -}}
{{- toYaml $triggers -}}
{{- end }}

{{/* What KEDA needs from Secrets to look at the broker, as JSON; empty when nothing. */}}
{{- define "eventide.triggerSecrets" -}}
{{- $broker := get .Values.brokers .Values.broker -}}
{{- $refs := list -}}
{{- if eq .Values.broker "redis" -}}
{{- with $broker.existingSecret }}{{ $refs = list (dict "parameter" "password" "name" . "key" $broker.passwordKey) }}{{ end -}}
{{- else if eq .Values.broker "rabbitmq" -}}
{{- $refs = list (dict "parameter" "host" "name" $broker.existingSecret "key" (default $broker.connectionStringKey $broker.kedaHostKey)) -}}
{{- else if eq .Values.broker "kafka" -}}
{{- if eq $broker.authType "password" -}}
{{- $refs = list (dict "parameter" "username" "name" $broker.existingSecret "key" $broker.usernameKey) (dict "parameter" "password" "name" $broker.existingSecret "key" $broker.passwordKey) -}}
{{- end -}}
{{- else if eq .Values.broker "servicebus" -}}
{{- $refs = list (dict "parameter" "connection" "name" $broker.existingSecret "key" $broker.connectionStringKey) -}}
{{- else -}}
{{- with $broker.existingSecret -}}
{{- $refs = list (dict "parameter" "awsAccessKeyID" "name" . "key" $broker.accessKeyKey) (dict "parameter" "awsSecretAccessKey" "name" . "key" $broker.secretKeyKey) -}}
{{- end -}}
{{- end -}}
{{- if $refs }}{{ toJson $refs }}{{ else if eq .Values.broker "snssqs" }}aws{{ end -}}
{{- end }}
