using Eventide.ChildProcesses;

namespace Eventide.Sidecar.Tests.Hosting;

public sealed class FreePortsTests
{
    [Fact]
    public void No_port_is_given_twice_or_while_somebody_listens_on_it()
    {
        var ports = Enumerable.Range(0, 500).Select(_ => new FreePorts().Take()).ToList();

        Assert.Equal(500, ports.Distinct().Count());
        Assert.All(ports, port => Assert.InRange(port, 10_000, 32_000));

        // The first port of a block says whose it is: somebody listens there, so that another process takes another block.
        Assert.All(ports.Select(port => port / 100 * 100).Distinct(), guard => Assert.False(FreePorts.IsFree(guard)));
    }
}
