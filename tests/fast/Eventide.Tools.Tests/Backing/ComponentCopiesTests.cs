using Eventide.Brokers.Backing;

namespace Eventide.Tools.Tests.Backing;

/// <summary>Copies of component files with the address of the server that is used.</summary>
public sealed class ComponentCopiesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("eventide-copies-").FullName;

    private string From => Path.Combine(_folder, "from");

    private string To => Path.Combine(_folder, "to");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_components_of_the_server_say_its_address_and_nothing_else_is_changed()
    {
        Directory.CreateDirectory(From);
        File.WriteAllText(Path.Combine(From, "stores.yaml"), """
            # One store per service.
            kind: Component
            metadata:
              name: a
            spec:
              type: state.redis
              metadata:
                - name: redisHost
                  value: localhost:6379
                - name: redisPassword
                  value: ""
            scopes:
            - a
            ---
            kind: Component
            metadata:
              name: b
            spec:
              type: state.sqlite
              metadata:
                - name: redisHost
                  value: of somebody else
            """);

        ComponentCopies.Write(From, To, type => type == "state.redis"
            ? new Dictionary<string, string> { ["redisHost"] = "127.0.0.1:10001", ["enableTLS"] = "false" }
            : []);

        var copy = File.ReadAllText(Path.Combine(To, "stores.yaml"));
        Assert.Equal(
            $$"""
            # Written at each start from {{Path.Combine(From, "stores.yaml")}}, with the address of the server that is used; change that file, not this one.
            kind: Component
            metadata:
              name: a
            spec:
              type: state.redis
              metadata:
              - name: redisHost
                value: "127.0.0.1:10001"
              - name: redisPassword
                value: ""
              - name: enableTLS
                value: "false"
            scopes:
            - a
            ...
            ---
            kind: Component
            metadata:
              name: b
            spec:
              type: state.sqlite
              metadata:
              - name: redisHost
                value: of somebody else
            ...

            """, copy);
    }

    [Fact]
    public void What_was_there_of_an_earlier_run_is_gone()
    {
        Directory.CreateDirectory(From);
        Directory.CreateDirectory(To);
        File.WriteAllText(Path.Combine(To, "old.yaml"), "kind: Component");

        ComponentCopies.Write(From, To, _ => []);

        Assert.Empty(Directory.EnumerateFiles(To));
    }
}
