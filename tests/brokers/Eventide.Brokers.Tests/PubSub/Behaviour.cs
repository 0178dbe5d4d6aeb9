using Eventide.Sidecar.Tests.Support;
using Xunit.v3;

namespace Eventide.Brokers.Tests.PubSub;

/// <summary>What the contract asks of a broker; the rows of the table in docs/brokers.md, in its order.</summary>
public enum Behaviour
{
    [Row("A message arrives at least once, its bytes and CloudEvent attributes as they were published")]
    Delivery,

    [Row("A raw payload arrives byte for byte, without an envelope")]
    RawPayload,

    [Row("Publish metadata reaches the app as headers")]
    PublishMetadata,

    [Row("Every app that subscribes gets every message")]
    FanOut,

    [Row("Replicas of an app share the messages, each is handled by one of them")]
    CompetingConsumers,

    [Row("Messages of one partition key arrive in order, retries included")]
    OrderPerKey,

    [Row("An app that subscribes late gets what was published before")]
    LateSubscriber,

    [Row("The inbound policy tries again until the app takes the message")]
    Retry,

    [Row("After the policy has given up the message is a dead letter, and comes no more")]
    DeadLetter,

    [Row("Without a dead-letter topic a refused message comes again")]
    RedeliveryWithoutDeadLetter,

    [Row("A poison message does not hold up the topic")]
    PoisonMessage,

    [Row("An expired message is not delivered")]
    TimeToLive,

    [Row("Bulk publish: all entries arrive")]
    BulkPublish,

    [Row("Bulk subscribe: only entries without success come again")]
    BulkSubscribe,

    [Row("Bulk subscribe: messages of one partition key arrive in order, and are in one call of the app at a time")]
    BulkOrderPerKey,

    [Row("A message in the hand of a sidecar that is killed goes to another")]
    RedeliveryAfterCrash,

    [Row("A stop finishes the message in hand and loses none of those that were fetched")]
    Draining,

    [Row("A message that is being retried at a stop stays with the broker, and is no dead letter")]
    StopDuringRetry,

    [Row("Replicas that come and go under load lose nothing")]
    JoinAndLeave,

    [Row("A stuck replica holds few messages, the others get the rest")]
    SlowConsumer,

    [Row("While the broker is stopped a publish fails within 15 s; afterwards all goes on by itself")]
    BrokerRestart,

    [Row("After SIGKILL of the broker everything acknowledged arrives")]
    BrokerKill,

    [Row("Publishes, retries, joins, leaves, stops and kills in any order: nothing acknowledged is lost")]
    Soak,

    [Row("A message of 10 MB passes when the sidecar's own limit allows it")]
    LargeMessage,

    [Row("A topic that the scopes deny is refused with 403 and a sentence")]
    Scopes,

    [Row("The sidecar knows whether its broker answers")]
    Ping,
}

/// <summary>The behaviour that a test of the contract is about.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class BehaviourAttribute(Behaviour behaviour) : Attribute, ITraitAttribute
{
    public const string Trait = "behaviour";

    public Behaviour Behaviour => behaviour;

    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() => [KeyValuePair.Create(Trait, behaviour.ToString())];
}
