using Eventide.Brokers.Backing;

namespace Eventide.Tools.Tests.Backing;

/// <summary>The hosts and ports in the address of a server.</summary>
public sealed class EndpointsTests
{
    [Theory]
    [InlineData("localhost:6380", "localhost:6380")]
    [InlineData("redis", "redis:1234")]
    [InlineData("one:1, two:2,three", "one:1 two:2 three:1234")]
    [InlineData("amqp://guest:secret@broker:5673/shop", "broker:5673")]
    [InlineData("amqp://broker", "broker:1234")]
    [InlineData("postgres://user:p%40ss@db:5433/shop?sslmode=disable", "db:5433")]
    [InlineData("postgresql://user@db/shop", "db:1234")]
    [InlineData("host=db user=shop password=a=b port=5433 dbname=shop", "db:5433")]
    [InlineData("Host=db;Username=shop;Password=secret", "db:1234")]
    [InlineData("user=shop dbname=shop", "")]
    public void They_are_found_however_the_address_is_written(string address, string expected) =>
        Assert.Equal(expected, string.Join(' ', Endpoints.In(address, 1234).Select(endpoint => $"{endpoint.Host}:{endpoint.Port}")));
}
