namespace Eventide.Benchmarks.Measuring;

/// <summary>Processor time of this process, from the kernel's accounting in microseconds. Less noisy than time on a shared machine, so it comes first in the tables.</summary>
internal static class ProcessorTime
{
    public static double Microseconds => Environment.CpuUsage.TotalTime.TotalMicroseconds;
}
