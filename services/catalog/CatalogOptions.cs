namespace Eventide.Catalog;

/// <summary>How the catalog shows its products.</summary>
public sealed class CatalogOptions
{
    /// <summary>A page that nothing has dropped is read again after this time. The default is 60 seconds.</summary>
    public TimeSpan PageTimeToLive { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>From this number down a product is shown as one of which few are left. The default is 10.</summary>
    public int FewLeft { get; set; } = 10;
}
