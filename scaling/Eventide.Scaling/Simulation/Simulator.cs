using Eventide.Scaling.Demand;

namespace Eventide.Scaling.Simulation;

/// <summary>Runs a scenario: no clock, no threads, one seed.</summary>
public static class Simulator
{
    /// <summary>The midnight at which every scenario's day begins. A date only so that cron triggers have one; a Monday.</summary>
    public static readonly DateTimeOffset Midnight = new(2024, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Runs it from begin to end.</summary>
    /// <exception cref="ArgumentException">A service is fed by something that is not there, or stands before it in the list.</exception>
    public static SimulationResult Run(Scenario scenario)
    {
        var random = new Random(scenario.Seed);
        var begin = Midnight + scenario.Begin;
        var runs = scenario.Services
            .Select(service => new ServiceRun(service, scenario, begin, scenario.Controller.SyncPeriod * random.NextDouble()))
            .ToList();
        var inputs = runs.Select((run, index) => Inputs(scenario, runs, index)).ToList();
        var arrivals = new double[scenario.Demands.Count];
        var steps = (int)(scenario.Duration / scenario.Step);
        for (var index = 0; index < steps; index++)
        {
            var time = scenario.Begin + (index * scenario.Step);
            for (var demand = 0; demand < arrivals.Length; demand++)
            {
                arrivals[demand] = Poisson.Next(random, scenario.Demands[demand].RateAt(time) * scenario.Step.TotalSeconds);
            }

            for (var service = 0; service < runs.Count; service++)
            {
                runs[service].Step(Midnight + time, inputs[service](arrivals));
            }
        }

        return new SimulationResult(scenario, [.. runs.Select(run => run.Result())]);
    }

    private static Func<double[], double> Inputs(Scenario scenario, List<ServiceRun> runs, int service)
    {
        var sources = runs[service].Feeds.Select(feed => (Source(scenario, runs, service, feed.Source), feed.Ratio)).ToList();
        return arrivals => sources.Sum(source => source.Item1(arrivals) * source.Ratio);
    }

    private static Func<double[], double> Source(Scenario scenario, List<ServiceRun> runs, int service, string name)
    {
        for (var demand = 0; demand < scenario.Demands.Count; demand++)
        {
            if (scenario.Demands[demand].Name == name)
            {
                var found = demand;
                return arrivals => arrivals[found];
            }
        }

        var feeding = runs.FindIndex(run => run.Name == name);
        return feeding >= 0 && feeding < service
            ? _ => runs[feeding].Finished
            : throw new ArgumentException($"{runs[service].Name} is fed by {name}, which is neither a demand nor a service that stands before it.", nameof(scenario));
    }
}
