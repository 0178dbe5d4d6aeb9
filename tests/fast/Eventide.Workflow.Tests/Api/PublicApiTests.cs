using Dapr.Workflow;

namespace Eventide.Workflow.Tests.Api;

public sealed class PublicApiTests
{
    /// <summary>
    /// The list is what we state the official package to offer, as far as this library stands in for it. A member that is missing here or in the code would make
    /// services compile with one of the two libraries only.
    /// </summary>
    [Fact]
    public void The_public_members_are_those_of_the_official_package()
    {
        var stated = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "dapr-workflow-api.txt")).Where(line => line.Length > 0 && line[0] != '#');
        var actual = PublicApi.Describe(typeof(WorkflowContext).Assembly);

        Assert.Equal(stated, actual);
    }
}
