using System.Security.Cryptography;
using System.Text;

namespace Dapr.Workflow.Replay;

/// <summary>
/// Identifiers that are the same in every replay: version 5 UUIDs (RFC 9562) of names that count up, in a namespace of the execution. The same as the official
/// library's, so an instance can change between the two.
/// </summary>
internal sealed class DeterministicGuids
{
    private static readonly Guid Namespace = new("6f927a2e-9c7e-4a1d-9b8d-7a86f2e7f62f");
    private readonly string _instanceId;
    private readonly Guid _execution;
    private int _count;

    /// <param name="instanceId">The instance.</param>
    /// <param name="executionId">The run of it, if known: continue-as-new changes it, and with it all identifiers.</param>
    public DeterministicGuids(string instanceId, string? executionId)
    {
        _instanceId = instanceId;
        var seed = string.IsNullOrWhiteSpace(executionId) ? instanceId : executionId;
        _execution = Guid.TryParse(seed, out var guid) ? guid : Version5(Namespace, seed);
    }

    public Guid Next() => Version5(_execution, $"{_instanceId}_{_count++}");

    /// <summary>The key by which an activity knows that two deliveries are the same call.</summary>
    public string TaskExecutionId(int callId, string activity) => Version5(_execution, $"{_instanceId}|activity|{callId}|{activity}").ToString("N");

    private static Guid Version5(Guid space, string name)
    {
        var length = Encoding.UTF8.GetByteCount(name);
        Span<byte> input = length <= 256 ? stackalloc byte[16 + length] : new byte[16 + length];
        space.TryWriteBytes(input, bigEndian: true, out _);
        Encoding.UTF8.GetBytes(name, input[16..]);
        Span<byte> hash = stackalloc byte[SHA1.HashSizeInBytes];
        SHA1.HashData(input, hash);
        hash[6] = (byte)((hash[6] & 0x0F) | 0x50);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash[..16], bigEndian: true);
    }
}
