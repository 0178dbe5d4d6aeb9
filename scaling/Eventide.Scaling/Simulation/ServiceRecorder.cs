using Eventide.Scaling.Services;

namespace Eventide.Scaling.Simulation;

/// <summary>Writes down what happens to one service in every step, and sums it up. Not thread-safe.</summary>
internal sealed class ServiceRecorder(ServiceModel model, int steps, TimeSpan step)
{
    private readonly double[] _arrived = new double[steps];
    private readonly double[] _finished = new double[steps];
    private readonly double[] _backlog = new double[steps];
    private readonly int[] _wanted = new int[steps];
    private readonly int[] _ready = new int[steps];
    private readonly int[] _existing = new int[steps];
    private int _count;

    public void Record(double arrived, double finished, int wanted, int ready, int existing, double backlog)
    {
        (_arrived[_count], _finished[_count], _backlog[_count]) = (arrived, finished, backlog);
        (_wanted[_count], _ready[_count], _existing[_count]) = (wanted, ready, existing);
        _count++;
    }

    public ServiceResult Result()
    {
        var delays = Delays();
        var items = _arrived.Sum();
        var replicaTime = step * _existing.Sum(existing => (double)existing);
        var order = Enumerable.Range(0, _count).Where(index => _arrived[index] > 0).OrderBy(index => delays[index]).ToArray();
        return new ServiceResult
        {
            Name = model.Name,
            Items = items,
            Unfinished = _count == 0 ? 0 : _backlog[_count - 1],
            ReplicaTime = replicaTime,
            CpuTime = ((model.AppCpuTime + model.SidecarCpuTime) * _finished.Sum()) + (replicaTime * ((model.IdleCpu + model.IdleSidecarCpu) / 1000.0)),
            RequestedCpuTime = replicaTime * (model.CpuRequest.Of(isAppOnly: false) / 1000.0),
            LargestBacklog = _backlog.DefaultIfEmpty().Max(),
            MostReplicas = _wanted.DefaultIfEmpty().Max(),
            Changes = Enumerable.Range(1, Math.Max(0, _count - 1)).Count(index => _wanted[index] != _wanted[index - 1]),
            Median = Percentile(order, delays, items, 0.5),
            P95 = Percentile(order, delays, items, 0.95),
            P99 = Percentile(order, delays, items, 0.99),
            Minutes = [.. Minutes(delays)],
            WantedPerStep = _wanted,
        };
    }

    /// <summary>How long what arrived in a step took: until so much was finished as had arrived by then, and the waiting inside a step.</summary>
    private double[] Delays()
    {
        var delays = new double[_count];
        double arrived = 0, finished = 0;
        var at = -1;
        for (var index = 0; index < _count; index++)
        {
            arrived += _arrived[index];
            // The sums of many doubles differ in their last digits.
            while (at < _count - 1 && finished < arrived - 1e-6)
            {
                finished += _finished[++at];
            }

            var waited = Math.Max(0, at - index) * step.TotalSeconds;
            delays[index] = model.ServiceTime.TotalSeconds + (waited > 0 ? waited : WaitInStep(index));
        }

        return delays;
    }

    /// <summary>The mean wait in a queue with several servers that keeps up (Sakasegawa's approximation).</summary>
    private double WaitInStep(int index)
    {
        var capacity = _ready[index] * model.Capacity * step.TotalSeconds;
        if (capacity <= 0 || _arrived[index] <= 0)
        {
            return 0;
        }

        var servers = Math.Max(1, capacity / step.TotalSeconds * model.ServiceTime.TotalSeconds);
        var load = Math.Min(0.99, _arrived[index] / capacity);
        return model.ServiceTime.TotalSeconds * Math.Pow(load, Math.Sqrt(2 * (servers + 1)) - 1) / (servers * (1 - load));
    }

    private TimeSpan Percentile(int[] order, double[] delays, double items, double part)
    {
        double seen = 0;
        foreach (var index in order)
        {
            seen += _arrived[index];
            if (seen >= part * items)
            {
                return TimeSpan.FromSeconds(delays[index]);
            }
        }

        return TimeSpan.Zero;
    }

    private IEnumerable<MinuteResult> Minutes(double[] delays)
    {
        var length = Math.Max(1, (int)(TimeSpan.FromMinutes(1) / step));
        for (var from = 0; from < _count; from += length)
        {
            var to = Math.Min(from + length, _count);
            var range = Enumerable.Range(from, to - from).ToArray();
            yield return new MinuteResult(
                step * from,
                range.Sum(index => _arrived[index]) / ((to - from) * step.TotalSeconds),
                range.Average(index => _wanted[index]),
                range.Average(index => _ready[index]),
                range.Max(index => _backlog[index]),
                TimeSpan.FromSeconds(range.Max(index => delays[index])))
            {
                UsedCores = (range.Sum(index => _finished[index]) / ((to - from) * step.TotalSeconds) * (model.AppCpuTime + model.SidecarCpuTime).TotalSeconds)
                    + (range.Average(index => _existing[index]) * (model.IdleCpu + model.IdleSidecarCpu) / 1000.0),
                RequestedCores = range.Average(index => _existing[index]) * model.CpuRequest.Of(isAppOnly: false) / 1000.0,
            };
        }
    }
}
