{{/* Names and labels. Nothing here reads a fixed namespace or release name. */}}
{{- define "eventide.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 40 | trimSuffix "-" -}}
{{- end }}

{{/* At most 40 characters, so that every name made from it has at most 63. */}}
{{- define "eventide.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- $name := include "eventide.name" . -}}
{{- if contains $name .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}
{{- end }}

{{/* Takes dict root, name (of the service; optional). */}}
{{- define "eventide.labels" -}}
{{ include "eventide.selectorLabels" . }}
app.kubernetes.io/part-of: eventide
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
{{- with .root.Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* What a Deployment selects by: immutable, so nothing that a new version of the chart could change. */}}
{{- define "eventide.selectorLabels" -}}
app.kubernetes.io/name: {{ default (include "eventide.name" .root) .name }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
{{- end }}

{{/* The services that are installed, each with the defaults under it: as JSON, read once per template. */}}
{{- define "eventide.services" -}}
{{- $services := dict -}}
{{- range $name, $own := .Values.services -}}
{{- $service := mustMergeOverwrite (deepCopy $.Values.defaults) (deepCopy (default (dict) $own)) -}}
{{- if $service.enabled -}}
{{- $mode := default $.Values.autoscaling.mode $service.autoscaling.mode -}}
{{- $subscribed := or $service.subscribes $service.observes -}}
{{- $by := "" -}}
{{- if and (eq $mode "keda") $subscribed (has "backlog" $service.autoscaling.signals) -}}
{{- $by = "keda" -}}
{{- else if and (eq $mode "keda") $service.autoscaling.schedule -}}
{{- $by = "keda" -}}
{{- else if ne $mode "none" -}}
{{- $by = "hpa" -}}
{{- end -}}
{{- if and $by (gt (int $service.autoscaling.min) (int $service.autoscaling.max)) -}}
{{- fail (printf "services.%s.autoscaling: min is %d and max is %d; min may not be above max." $name (int $service.autoscaling.min) (int $service.autoscaling.max)) -}}
{{- end -}}
{{- if and (eq $by "hpa") (lt (int $service.autoscaling.min) 1) -}}
{{- fail (printf "services.%s.autoscaling.min is 0, which needs mode keda and signal backlog: a HorizontalPodAutoscaler does not start a service that sleeps." $name) -}}
{{- end -}}
{{- $_ := set $service "scaledBy" $by -}}
{{- $_ := set $service "fewest" (ternary $service.replicas $service.autoscaling.min (eq $by "")) -}}
{{- $_ := set $services $name $service -}}
{{- end -}}
{{- end -}}
{{- toJson $services -}}
{{- end }}

{{/*
Who publishes and subscribes to what, from the services' lists: dict publishes, subscribes (topics by app), topics (all that carry events), dead (all
dead-letter topics). The app's own sidecar publishes to its dead-letter topics, so they are among what it publishes.
*/}}
{{- define "eventide.graph" -}}
{{- $topics := list -}}{{- $dead := list -}}{{- $publishes := dict -}}{{- $subscribes := dict -}}
{{- range $name, $service := .services -}}
{{- $topics = concat $topics $service.publishes $service.subscribes $service.observes -}}
{{- end -}}
{{- $topics = $topics | uniq | sortAlpha -}}
{{- range $name, $service := .services -}}
{{- range concat $service.subscribes $service.observes | uniq -}}
{{- $dead = append $dead (printf "%s.%s.dead" $name .) -}}
{{- end -}}
{{- end -}}
{{- $dead = $dead | sortAlpha -}}
{{- range $name, $service := .services -}}
{{- $facts := concat $service.subscribes $service.observes | uniq -}}
{{- $observer := not (empty $service.observes) -}}
{{- $own := list -}}
{{- range $facts -}}
{{- $own = append $own (printf "%s.%s.dead" $name .) -}}
{{- end -}}
{{- $_ := set $publishes $name (concat (ternary $topics $service.publishes $observer) $own | uniq | sortAlpha) -}}
{{- $_ := set $subscribes $name (ternary (concat $facts $dead) $facts $observer | uniq | sortAlpha) -}}
{{- end -}}
{{- toJson (dict "topics" $topics "dead" $dead "publishes" $publishes "subscribes" $subscribes) -}}
{{- end }}

{{- define "eventide.image" -}}
{{- $image := .service.image -}}
{{- if eq $image.tag "latest" -}}
{{- fail (printf "services.%s.image.tag is latest, which means another image every day: name a version, or a digest." .name) -}}
{{- end -}}
{{- $repository := default (printf "eventide/%s" .name) $image.repository -}}
{{- with .root.Values.global.imageRegistry }}{{ trimSuffix "/" . }}/{{ end -}}
{{- if $image.digest }}{{ $repository }}@{{ $image.digest }}{{ else }}{{ $repository }}:{{ default .root.Chart.AppVersion $image.tag }}{{ end -}}
{{- end }}

{{- define "eventide.gracePeriod" -}}
{{- $end := .Values.dapr.shutdown -}}
{{- add $end.preStopSeconds $end.blockSeconds $end.drainSeconds $end.gracefulSeconds -}}
{{- end }}

{{/* restricted (Pod Security Standards), and a read-only root. */}}
{{- define "eventide.podSecurity" -}}
runAsNonRoot: true
runAsUser: 1654
runAsGroup: 1654
fsGroup: 1654
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{- define "eventide.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
runAsNonRoot: true
capabilities:
  drop: [ALL]
{{- end }}

{{/* Stops with one sentence when the cluster lacks an API. Takes dict root, api, what (it is), value (that asks for it). */}}
{{- define "eventide.needs" -}}
{{- if not (.root.Capabilities.APIVersions.Has .api) -}}
{{- fail (printf "%s needs %s, and this cluster does not have %s: install it first, or choose another value (helm template knows no cluster: add --api-versions %s)." .value .what .api .api) -}}
{{- end -}}
{{- end }}
