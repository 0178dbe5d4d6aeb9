using System.CommandLine;
using Eventide.Contracts;

namespace Eventide.Tools.Shops;

/// <summary>The shapes of the shop on the command line.</summary>
internal static class Shapes
{
    private const string Services = "services";

    /// <summary>--shape.</summary>
    public static Option<string> Option(string description = "How the shop is cut into apps: one per service, or one for all that is .NET.")
    {
        var shape = new Option<string>("--shape") { Description = description, DefaultValueFactory = _ => Services };
        shape.AcceptOnlyFromAmong(Services, ShopShape.MonolithId);
        return shape;
    }

    public static ShopShape Of(string name) => name == ShopShape.MonolithId ? ShopShape.Monolith : ShopShape.Services;
}
