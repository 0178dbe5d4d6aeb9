using YamlDotNet.RepresentationModel;

namespace Eventide.Saga.Tests.Components;

/// <summary>The folders of components/stores: whichever is chosen, every service has its store, and nobody else sees it.</summary>
public sealed class StoreFoldersTests
{
    private static string Stores => Path.Combine(AppContext.BaseDirectory, "components", "stores");

    public static TheoryData<string> Folders => [.. Directory.GetDirectories(Stores).Select(folder => Path.GetFileName(folder))];

    [Theory]
    [MemberData(nameof(Folders))]
    public void A_store_of_its_own_for_each_service_that_has_one_with_the_embedded_default(string folder)
    {
        var stores = Read(folder);
        Assert.Equal(Read("sqlite"), stores);
        Assert.All(stores, store => Assert.Equal($"{store.Scopes}-store", store.Name));
    }

    private static IEnumerable<(string Name, string Scopes)> Read(string folder)
    {
        var yaml = new YamlStream();
        using (var text = File.OpenText(Path.Combine(Stores, folder, "stores.yaml")))
        {
            yaml.Load(text);
        }

        return
        [
            .. yaml.Documents.Select(document => document.RootNode)
                .Select(store => (store["metadata"]["name"].ToString(), string.Join(", ", ((YamlSequenceNode)store["scopes"]).Select(scope => scope.ToString())))).Order(),
        ];
    }
}
