using Eventide.Sidecar.Tests.Support;

namespace Eventide.Sidecar.Tests.Secrets;

/// <summary>Where the file of secretstores.local.file is looked for.</summary>
public sealed class SecretsFileTests
{
    [Fact]
    public async Task The_file_is_found_from_a_folder_above_its_component_wherever_the_data_is()
    {
        await using var sidecars = new Sidecars();
        sidecars.Component("secrets", "secretstores.local.file", ("secretsFile", $"{Path.GetFileName(sidecars.Folder)}/keys/secrets.json"));
        Directory.CreateDirectory(Path.Combine(sidecars.Folder, "keys"));
        File.WriteAllText(Path.Combine(sidecars.Folder, "keys", "secrets.json"), """{"key":"k1"}""");
        using var dapr = sidecars.Client(await sidecars.StartAsync("shop"));

        var secret = await dapr.GetSecretAsync("secrets", "key", cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal("k1", secret["key"]);
    }
}
