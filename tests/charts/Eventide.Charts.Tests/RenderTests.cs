using Eventide.Charts.Tests.Support;

namespace Eventide.Charts.Tests;

public sealed class RenderTests
{
    [Fact]
    public async Task Every_broker_renders_with_every_mode_values_file_and_version_of_Kubernetes()
    {
        var renders = await Matrix.RenderAsync();

        Assert.All(renders, render => Assert.NotEmpty(render.Of("Deployment")));
    }

    [Fact]
    public async Task No_two_objects_of_a_render_have_the_same_kind_and_name()
    {
        foreach (var render in await Matrix.RenderAsync())
        {
            var twice = render.Objects.GroupBy(item => item.ToString()).Where(group => group.Count() > 1).Select(group => group.Key);
            Assert.True(!twice.Any(), $"{render.Options}: {string.Join(", ", twice)}");
        }
    }

    [Fact]
    public async Task Rendering_twice_gives_the_same_bytes()
    {
        foreach (var mode in Matrix.Modes)
        {
            var options = new RenderOptions("production", Mode: mode);
            Assert.Equal((await Helm.RenderAsync(options)).Text, (await Helm.RenderAgainAsync(options)).Output);
        }
    }

    [Fact]
    public async Task Names_have_at_most_63_characters_whatever_the_release_is_called()
    {
        var render = await Helm.RenderAsync(new RenderOptions { Set = [$"fullnameOverride={new string('a', 60)}"] });

        Assert.All(render.Objects, item => Assert.True(item.Name.Length <= 63, item.ToString()));
    }
}
