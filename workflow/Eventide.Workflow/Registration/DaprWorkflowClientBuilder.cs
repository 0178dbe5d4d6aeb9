using System.Text.Json;
using Dapr.Common;
using Dapr.Common.Serialization;
using Dapr.Workflow.Client;
using Dapr.Workflow.Serialization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Dapr.Workflow.Registration;

/// <summary>
/// Builds a <see cref="DaprWorkflowClient"/>. Inside an app's services it uses the app's connection to its sidecar; standing alone, the endpoint that was set or that
/// the configuration names.
/// </summary>
/// <param name="configuration">Read for the sidecar's address and token.</param>
public sealed class DaprWorkflowClientBuilder(IConfiguration? configuration = null) : DaprGenericClientBuilder<DaprWorkflowClient>(configuration)
{
    private Func<IServiceProvider?, IDaprSerializer>? _serializer;
    private IServiceProvider? _services;

    /// <summary>Serialises payloads with <paramref name="serializer"/>.</summary>
    public DaprWorkflowClientBuilder UseSerializer(IDaprSerializer serializer)
    {
        ArgumentNullException.ThrowIfNull(serializer);
        _serializer = _ => serializer;
        return this;
    }

    /// <summary>Serialises payloads with what <paramref name="serializerFactory"/> makes; only inside an app's services.</summary>
    public DaprWorkflowClientBuilder UseSerializer(Func<IServiceProvider, IWorkflowSerializer> serializerFactory)
    {
        ArgumentNullException.ThrowIfNull(serializerFactory);
        _serializer = services => serializerFactory(
            services ?? throw new InvalidOperationException("A serializer factory needs the app's services: use it through AddDaprWorkflowBuilder."));
        return this;
    }

    /// <summary>Serialises payloads as JSON, as <paramref name="jsonOptions"/> say.</summary>
    public DaprWorkflowClientBuilder UseJsonSerializer(JsonSerializerOptions jsonOptions)
    {
        ArgumentNullException.ThrowIfNull(jsonOptions);
        return UseSerializer(new JsonDaprSerializer(jsonOptions));
    }

    /// <inheritdoc/>
    public override DaprWorkflowClient Build()
    {
        var serializer = _serializer?.Invoke(_services) ?? _services?.GetService<IDaprSerializer>() ?? new JsonDaprSerializer();
        var time = _services?.GetService<TimeProvider>() ?? TimeProvider.System;
        var logger = (_services?.GetService<ILoggerFactory>() ?? NullLoggerFactory.Instance).CreateLogger<DaprWorkflowClient>();
        if (_services?.GetService<SidecarConnection>() is { } connection)
            return new DaprWorkflowClient(connection.Client, serializer, time, logger);

        var channel = BuildDaprClientDependencies(typeof(DaprWorkflowClient).Assembly).Item1;
        return new DaprWorkflowClient(SidecarConnection.Caller(channel, DaprApiToken), serializer, time, logger, owned: channel);
    }

    internal DaprWorkflowClientBuilder UseServices(IServiceProvider services)
    {
        _services = services;
        return this;
    }
}
