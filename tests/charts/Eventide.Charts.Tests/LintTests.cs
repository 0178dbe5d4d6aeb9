using Eventide.Charts.Tests.Support;

namespace Eventide.Charts.Tests;

public sealed class LintTests
{
    public static TheoryData<string> CiFiles => [.. Helm.CiFiles()];

    [Theory]
    [MemberData(nameof(CiFiles))]
    public async Task Helm_lint_finds_nothing(string ciFile)
    {
        var result = await Helm.LintAsync(ciFile);

        Assert.True(result.ExitCode == 0, result.Output);
        Assert.DoesNotContain("[WARNING]", result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("[ERROR]", result.Output, StringComparison.Ordinal);
    }
}
