using Eventide.Sidecar.Tests.Support;
using Xunit.v3;

namespace Eventide.Sidecar.Tests.State;

/// <summary>What the contract asks of a store; the rows of its table in docs/brokers.md, in their order.</summary>
public enum StoreBehaviour
{
    [Row("A saved value is read back byte for byte, an absent one is null")]
    Values,

    [Row("A write with a stale ETag is refused and changes nothing")]
    ETags,

    [Row("First-write without an ETag never replaces an item")]
    FirstWrite,

    [Row("Of many writers with the same ETag exactly one wins, in every round")]
    Races,

    [Row("Increments by ETag from many clients add up exactly")]
    NoLostUpdates,

    [Row("A transaction is done completely or not at all")]
    Transactions,

    [Row("An item expires in time; a write without a time to live clears it")]
    TimeToLive,

    [Row("Bulk read, write and delete of 1000 keys")]
    Bulk,

    [Row("Values of 1 MB and 3.9 MB")]
    LargeValues,

    [Row("Any key: spaces, quotes, wildcards, every script, emoji")]
    Keys,

    [Row("Keys with a prefix are listed completely and in order")]
    Scans,

    [Row("Under concurrent load nothing is lost or mixed up")]
    Load,

    [Row("A part belongs to one process at a time, and a former owner can write no more")]
    Ownership,

    [Row("The workflows of a process that was killed go on in another one within 30 s")]
    Takeover,

    [Row("While the store is stopped calls fail within 30 s and say so; afterwards they work by themselves")]
    Outage,

    [Row("After SIGKILL of the store everything acknowledged is there")]
    Kill,

    [Row("A start waits for a store that is not there yet; without one, and with a wrong password, it fails with a sentence")]
    Start,
}

/// <summary>The behaviour that a test of the contract is about.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class StoreBehaviourAttribute(StoreBehaviour behaviour) : Attribute, ITraitAttribute
{
    public const string Trait = "store-behaviour";

    public StoreBehaviour Behaviour => behaviour;

    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() => [KeyValuePair.Create(Trait, behaviour.ToString())];
}
