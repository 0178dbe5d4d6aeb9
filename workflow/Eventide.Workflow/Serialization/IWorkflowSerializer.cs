using Dapr.Common.Serialization;

namespace Dapr.Workflow.Serialization;

/// <summary>The former name of <see cref="IDaprSerializer"/>; a registered one is still used.</summary>
public interface IWorkflowSerializer : IDaprSerializer;
