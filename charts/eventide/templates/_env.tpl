{{/* The app's environment: what the chart sets, over it the service's own, sorted by name. */}}
{{- define "eventide.env" -}}
{{- $env := dict -}}
{{- $service := .service -}}
{{- $values := .root.Values -}}
{{- if eq $service.runtime "node" -}}
{{- $_ := set $env "APP_ID" .name -}}
{{- $_ := set $env "APP_HOST" "0.0.0.0" -}}
{{- $_ := set $env "APP_PORT" (toString $service.port) -}}
{{- else if eq $service.protocol "grpc" -}}
{{- $_ := set $env "APP_PORT" (toString $service.grpcPort) -}}
{{- $_ := set $env "HEALTH_PORT" (toString $service.port) -}}
{{- else -}}
{{- $_ := set $env "ASPNETCORE_HTTP_PORTS" (toString $service.port) -}}
{{- end -}}
{{- if eq $service.runtime "dotnet" -}}
{{- /* Nothing to write to, and one heap per pod: the workstation collector needs far less memory than the server one. */ -}}
{{- $_ := set $env "DOTNET_EnableDiagnostics" "0" -}}
{{- $_ := set $env "DOTNET_gcServer" "0" -}}
{{- if $values.signIn.authority -}}
{{- $_ := set $env "SignIn__Authority" $values.signIn.authority -}}
{{- end -}}
{{- $_ := set $env "SignIn__Audience" $values.signIn.audience -}}
{{- if $values.signIn.developmentTokens -}}
{{- $_ := set $env "SignIn__DevelopmentTokens" "true" -}}
{{- end -}}
{{- end -}}
{{- with $values.telemetry.otlpEndpoint -}}
{{- $_ := set $env "OTEL_EXPORTER_OTLP_ENDPOINT" . -}}
{{- $_ := set $env "OTEL_EXPORTER_OTLP_PROTOCOL" $values.telemetry.otlpProtocol -}}
{{- $_ := set $env "OTEL_SERVICE_NAME" $.name -}}
{{- end -}}
{{- range $name, $value := mustMergeOverwrite $env $service.env }}
- name: {{ $name }}
  value: {{ toString $value | quote }}
{{- end }}
{{- /* Dapr's injector gives its tokens to the sidecar only. */ -}}
{{- with $values.dapr.apiTokenSecret }}
- name: DAPR_API_TOKEN
  valueFrom:
    secretKeyRef:
      name: {{ . }}
      key: token
{{- end }}
{{- with $values.dapr.appTokenSecret }}
- name: APP_API_TOKEN
  valueFrom:
    secretKeyRef:
      name: {{ . }}
      key: token
{{- end }}
{{- with $service.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end }}
