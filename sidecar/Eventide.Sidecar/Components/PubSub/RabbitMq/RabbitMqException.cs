using System.Net.Sockets;
using RabbitMQ.Client.Exceptions;

namespace Eventide.Sidecar.Components.PubSub.RabbitMq;

/// <summary>RabbitMQ does not do what it was asked for; the sentence says what, why, and what helps.</summary>
internal sealed class RabbitMqException(string message, bool isTransient = true, Exception? inner = null) : Exception(message, inner)
{
    private const ushort AccessRefused = 403;
    private const ushort NotFound = 404;
    private const ushort PreconditionFailed = 406;
    private const ushort NotAllowed = 530;

    /// <summary>Whether the same may succeed later without anybody doing something about it.</summary>
    public bool IsTransient => isTransient;

    /// <summary>What kept us from connecting.</summary>
    public static RabbitMqException NotConnected(RabbitMqSettings settings, Exception failure)
    {
        for (var cause = failure; cause is not null; cause = cause.InnerException)
        {
            switch (cause)
            {
                case AuthenticationFailureException or PossibleAuthenticationFailureException:
                    return new RabbitMqException(
                        $"RabbitMQ at {settings.Where} refuses the user or its password: correct connectionString (or username and password) of component {settings.Component}; "
                        + "the user guest may only connect from the broker's own machine",
                        isTransient: false, failure);
                case OperationInterruptedException { ShutdownReason: { ReplyCode: NotAllowed } reason }:
                    return new RabbitMqException(
                        $"RabbitMQ at {settings.Where} has no such virtual host for this user ({reason.ReplyText}): correct the end of the connectionString of component {settings.Component}",
                        isTransient: false, failure);
                case System.Security.Authentication.AuthenticationException tls:
                    return new RabbitMqException(
                        $"TLS with RabbitMQ at {settings.Where} failed ({tls.Message}): check caCert, clientCert and clientKey of component {settings.Component}, and that the port is the one for amqps",
                        isTransient: false, failure);
                case SocketException socket:
                    return NotConnected(settings, socket.Message, failure);
                case OperationCanceledException:
                    return NotConnected(settings, "nothing in time", failure);
            }
        }

        return NotConnected(settings, failure.GetBaseException().Message, failure);
    }

    /// <summary>There is no connection.</summary>
    public static RabbitMqException NotConnected(RabbitMqSettings settings, string reason, Exception? failure = null) => new(
        $"RabbitMQ does not answer at {settings.Where} ({reason}): start it, or correct the address in component {settings.Component}", inner: failure);

    /// <summary>What kept us from declaring an exchange or a queue, or closed the channel otherwise.</summary>
    /// <param name="subject">What it was about: exchange "orders".</param>
    public static RabbitMqException Refused(RabbitMqSettings settings, string subject, Exception failure)
    {
        var reason = (failure as OperationInterruptedException)?.ShutdownReason;
        return reason?.ReplyCode switch
        {
            PreconditionFailed => new RabbitMqException(
                $"RabbitMQ at {settings.Where} has {subject} with other properties than component {settings.Component} and its subscription say ({reason.ReplyText}): "
                + "set them as they were when it was made, or drain it and delete it, then it is made anew",
                isTransient: false, failure),
            AccessRefused => new RabbitMqException(
                $"RabbitMQ at {settings.Where} does not allow the user of component {settings.Component} to use {subject} ({reason.ReplyText}): grant it configure, write and read permission",
                isTransient: false, failure),
            NotFound => new RabbitMqException($"RabbitMQ at {settings.Where} has no {subject} any more ({reason.ReplyText}); it is made anew at the next attempt", inner: failure),
            _ => new RabbitMqException($"RabbitMQ at {settings.Where} did not take {subject}: {failure.GetBaseException().Message}", inner: failure),
        };
    }

    /// <summary>The connection or the channel ended before the broker said whether it has the message.</summary>
    public static RabbitMqException Unconfirmed(RabbitMqSettings settings, string reason) => new(
        $"the connection to RabbitMQ at {settings.Where} ended before it confirmed the message ({reason}); it may have it or not: publish it again");

    /// <summary>The broker said no.</summary>
    public static RabbitMqException Rejected(RabbitMqSettings settings) => new(
        $"RabbitMQ at {settings.Where} refused the message: a queue of the topic is full and rejects what is published (x-overflow), or has lost the majority of its replicas");

    /// <summary>The broker has said nothing.</summary>
    public static RabbitMqException Silent(RabbitMqSettings settings, TimeSpan waited) => new(
        $"RabbitMQ at {settings.Where} did not confirm the message within {waited.TotalSeconds} s; it may have it or not: publish it again");

    /// <summary>The broker takes nothing because its memory or its disk is full.</summary>
    public static RabbitMqException Blocked(RabbitMqSettings settings, string reason) => new(
        $"RabbitMQ at {settings.Where} takes no messages at the moment ({reason}): it needs memory or disk space, or consumers that empty its queues");

    /// <summary>The protocol has no room for the value.</summary>
    public static RabbitMqException TooLong(string name, int most) => new($"the {name} of the message is longer than the {most} bytes that RabbitMQ has for it", isTransient: false);

    /// <summary>Too much is on its way already.</summary>
    public static RabbitMqException Busy(RabbitMqSettings settings, int unconfirmed) => new(
        $"RabbitMQ at {settings.Where} has {unconfirmed} messages to confirm and is too slow for more; publish it again later");
}
