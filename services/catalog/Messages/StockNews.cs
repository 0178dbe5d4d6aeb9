using Eventide.Catalog.Domain;
using Eventide.Contracts;
using Eventide.ServiceDefaults.Messaging;

namespace Eventide.Catalog.Messages;

/// <summary>Every outcome that changed a level carries it.</summary>
internal sealed class StockNews(Products products) : IEventHandler<StockReserved>, IEventHandler<StockRejected>, IEventHandler<StockReleased>
{
    public Task HandleAsync(StockReserved message, CancellationToken cancellationToken) => products.LearnAsync(message.Levels, cancellationToken);

    public Task HandleAsync(StockRejected message, CancellationToken cancellationToken) => products.LearnAsync(message.Levels, cancellationToken);

    public Task HandleAsync(StockReleased message, CancellationToken cancellationToken) => products.LearnAsync(message.Levels, cancellationToken);
}
