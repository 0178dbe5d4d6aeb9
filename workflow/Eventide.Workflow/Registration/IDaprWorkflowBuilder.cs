using Dapr.Common;

namespace Dapr.Workflow.Registration;

/// <summary>Goes on configuring workflows after they were added to the services.</summary>
public interface IDaprWorkflowBuilder : IDaprServiceBuilder;
