using Eventide.Brokers.Servers;
using Eventide.Tools.Demo;

namespace Eventide.Tools.Faults;

/// <summary>Stops the broker for a while. Customers do not wait for it: the orders that were held back are placed meanwhile.</summary>
/// <param name="gate">Holds them back.</param>
internal sealed class StopBroker(ILocalServer broker, TimeSpan length, OrderGate gate, InjectedFaults injected) : IFault
{
    public string Description => $"stopped the broker for {length.TotalSeconds} s";

    public async Task InjectAsync(CancellationToken cancellationToken)
    {
        await broker.StopAsync(cancellationToken);
        var (stopped, accepted) = (TimeProvider.System.GetTimestamp(), gate.Accepted);
        gate.LetInReserve();
        await Task.Delay(length, cancellationToken);
        injected.AcceptedWhileBrokerDown += gate.Accepted - accepted;
        await broker.StartAsync(cancellationToken);
        injected.BrokerStops++;
        injected.BrokerDownSeconds += Math.Round(TimeProvider.System.GetElapsedTime(stopped).TotalSeconds, 1);
    }
}
